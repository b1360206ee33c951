"""The phrases of an anomaly's card: what, who, where, when and how dear.

All are escaped for mrkdwn but those that say they are plain text.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from blocks.card import shorten
from blocks.money import HOURS_PER_DAY, PRICE_UNKNOWN, per_hour, rates, usd
from blocks.text import clean, count, duration, escape, plain, short_actor, when
from engine.incidents import settle
from engine.models.anomaly import Anomaly, Line, Severity
from engine.models.cost_event import Actor, ActorKind

SEVERITY_WORDS = {Severity.INFO: "Info", Severity.WARNING: "Warning", Severity.CRITICAL: "Critical"}

_ACTOR_KINDS = {
    ActorKind.PERSON: "person",
    ActorKind.ROLE: "role",
    ActorKind.AUTOMATION: "automation",
    ActorKind.AWS_SERVICE: "AWS service",
    ActorKind.ROOT: "root user",
    ActorKind.FOREIGN_ACCOUNT: "another AWS account",
    ActorKind.UNKNOWN: "unknown kind of identity",
}
_IAM_USER = re.compile(r"arn:[^:]+:iam::\d*:user/")
_TIMES = "\N{MULTIPLICATION SIGN}"
_NOT_LISTED_AS = {"spot", "windows", "dedicated", "host"}
_LINES_SHOWN = 5
_REGIONS_SHOWN = 4
_LABELS_SHOWN = 4
_LEAST_SPAN = 60
_LEAST_BURNT = 0.01
_BURNING = 1e-6


def headline(anomaly: Anomaly) -> str:
    """What happened and, while it goes on, what it costs: under ten words of plain text, not counting signs."""
    return what(anomaly) if anomaly.ended_at is not None else f"{what(anomaly)}, {_short_price(anomaly)}"


def what(anomaly: Anomaly) -> str:
    """What happened, as plain text: severity first, or that it is over."""
    word = "Stopped" if anomaly.ended_at is not None else SEVERITY_WORDS[anomaly.severity]
    others = " + others" if anomaly.other_types else ""
    amount = amount_of(anomaly.lead.resource_type, anomaly.lead_quantity)
    return f"{word}: {amount}{others} in {place(regions_of(anomaly))}"


def _short_price(anomaly: Anomaly) -> str:
    price = per_hour(anomaly.hourly_cost) if anomaly.upfront_cost is None else usd(anomaly.upfront_cost)
    if not anomaly.unknown_price:
        return price
    return f"over {price}" if anomaly.upfront_cost or anomaly.hourly_cost else "price unknown"


def amount_of(resource_type: str, quantity: int) -> str:
    """How many of what, as plain text.

    >>> amount_of("nat_gateway", 1)
    'nat_gateway'
    """
    name = plain(resource_type, 50)
    return name if quantity == 1 else f"{quantity:,} {_TIMES} {name}"


def place(regions: Sequence[str]) -> str:
    """One Region by name, several by number, as plain text.

    >>> place(["eu-west-1"]), place(["eu-west-1", "us-east-1"])
    ('eu-west-1', '2 Regions')
    """
    return plain(regions[0], 30) if len(regions) == 1 else count(len(regions), "Region")


def regions_of(anomaly: Anomaly) -> list[str]:
    """The Regions of an incident, dearest first, each once."""
    return list(dict.fromkeys(line.region for line in _by_cost(anomaly.lines)))


def _by_cost(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-(line.upfront_cost or 0.0), -(line.hourly_cost or 0.0), -line.quantity))


def list_lines(anomaly: Anomaly) -> list[str]:
    """What started, one bullet a line, below the sum of several types; nothing when the headline has said it all."""
    lines = _by_cost(anomaly.lines)
    if len(lines) == 1 and not _notes(lines[0]):
        return []
    bullets = describe_lines(lines)
    if not anomaly.other_types:
        return bullets
    total = sum(line.quantity for line in lines)
    return [f"*{total:,} in all, of {count(anomaly.other_types + 1, 'type')}*", *bullets]


def describe_lines(lines: Sequence[Line]) -> list[str]:
    """One bullet for each of the dearest lines."""
    return shorten([_describe(line) for line in _by_cost(lines)], _LINES_SHOWN)


def _describe(line: Line) -> str:
    notes = _notes(line)
    amount = f"{escape(amount_of(line.resource_type, line.quantity))} in {escape(line.region, 30)}"
    price = usd(line.upfront_cost) if line.is_commitment else per_hour(line.hourly_cost)
    return f"• {amount}: {price}" + (f" ({'; '.join(notes)})" if notes else "")


def _notes(line: Line) -> list[str]:
    """What the shown price does not tell."""
    labels = [clean(label) for label in line.labels if label.strip()]
    shown = [escape(label, 30) for label in labels[:_LABELS_SHOWN]]
    notes = [", ".join(shown)] if shown else []
    if line.hourly_cost is not None and _NOT_LISTED_AS.intersection(labels):
        notes[0] += ": on-demand Linux list price shown"
    if line.price_source == "estimated":
        notes.append("estimated price")
    return notes


def cost(anomaly: Anomaly, now: datetime) -> str:
    """Rates, and while it runs what has burnt by ``now``."""
    lines = [cost_rates(anomaly)]
    if anomaly.ended_at is None and anomaly.hourly_cost > 0:
        burnt, _ = settle(anomaly, now)
        if burnt >= _LEAST_BURNT:
            lines.append(f"{usd(burnt)} so far, {when(now, 'as of')}")
        if anomaly.running_hourly_cost < anomaly.hourly_cost - _BURNING:
            lines.append(f"{per_hour(anomaly.running_hourly_cost)} still running")
    return "\n".join(lines)


def cost_rates(anomaly: Anomaly) -> str:
    """Hourly and daily cost; a sum that leaves out unknown prices says so."""
    return cost_of(anomaly.hourly_cost, anomaly.upfront_cost, unknown_price=anomaly.unknown_price)


def cost_of(hourly_cost: float, upfront_cost: float | None, *, unknown_price: bool) -> str:
    """The same of the costs alone, which mean what they mean in an Anomaly.

    >>> cost_of(2.0, None, unknown_price=False)
    '$2.00 per hour · $48.00 per day'
    """
    if upfront_cost is not None:
        return f"{'at least ' if unknown_price else ''}{usd(upfront_cost)} bound for a term"
    if unknown_price and not hourly_cost:
        return PRICE_UNKNOWN
    return rates(hourly_cost, at_least=unknown_price)


def who(anomaly: Anomaly, known_as: str = "") -> str:
    """Name, kind and address of the actor; below who that is in Slack, where it is known (escaped)."""
    name = escape(short_actor(anomaly.actor.name or anomaly.actor.key), 120)
    name = f"{known_as}\n{name}" if known_as else name
    source = f"\nfrom {escape(anomaly.source_ip, 60)}" if anomaly.source_ip.strip() else ""
    return f"{name} ({_kind(anomaly.actor)}){source}"


def _kind(actor: Actor) -> str:
    """What stands behind a name: of an IAM user nobody knows whether a person or a program holds its keys.

    >>> _kind(Actor("arn:aws:iam::123456789012:user/backup", ActorKind.PERSON, "backup"))
    'IAM user'
    """
    return "IAM user" if _IAM_USER.match(actor.key) else _ACTOR_KINDS[actor.kind]


def where(anomaly: Anomaly, account_name: str) -> str:
    """Account and Regions."""
    regions = [escape(region, 30) or "no Region" for region in regions_of(anomaly)]
    named = regions if len(regions) <= _REGIONS_SHOWN else [*regions[:_REGIONS_SHOWN], "…"]
    rest = f" ({count(len(regions), 'Region')})" if len(regions) > _REGIONS_SHOWN else ""
    return f"{account(account_name, anomaly.account_id)}\n{', '.join(named)}{rest}"


def account(name: str, account_id: str) -> str:
    """An AWS account by name and number.

    >>> account("prod", "123456789012"), account("", "123456789012")
    ('prod (123456789012)', '123456789012')
    """
    shown, number = escape(name, 80), escape(account_id, 20) or "-"
    return f"{shown} ({number})" if shown and shown != number else number


def times(anomaly: Anomaly) -> str:
    """When it happened, and when the last of it joined."""
    start, end = anomaly.first_event_time, anomaly.last_event_time
    return when(start) if (end - start).total_seconds() < _LEAST_SPAN else f"{when(start)}, {when(end, 'last joined')}"


def outcome(anomaly: Anomaly, ended_at: datetime) -> str:
    """How it ended, and what that saved."""
    lasted = duration((ended_at - anomaly.first_event_time).total_seconds())
    if anomaly.unknown_price and not anomaly.hourly_cost:
        return f"*Stopped after {lasted}.* What it burnt is not known: {PRICE_UNKNOWN}."
    at_least = "at least " if anomaly.unknown_price else ""
    a_day = usd(anomaly.hourly_cost * HOURS_PER_DAY)
    burnt = f"{at_least}{usd(anomaly.burnt_usd)} burnt"
    return f"*Stopped after {lasted}:* {burnt}; left running it would have cost {at_least}{a_day} a day"

"""The card of one anomaly: what started, what it costs, who did it, why we say so, how to stop it."""

from datetime import datetime
from itertools import zip_longest

from blocks import anomaly_words as words
from blocks.anomaly_actions import MARK_EXPECTED, actions_block, meaning_of_expected, offered, verdict_line
from blocks.asking import ask_line
from blocks.card import SECTION_LIMIT, Block, Card, code_block, context, header, section
from blocks.leaked_key import leaked_key_line
from blocks.money import PRICE_SOURCES, PRICE_UNKNOWN
from blocks.preflight import last_snapshot_line, preflight_line
from blocks.text import code, count, duration, escape, length, mention, short_actor
from blocks.tickets import ticket_line
from engine.models.anomaly import Anomaly, AnomalyStatus
from engine.models.cost_event import ActorKind
from engine.models.person import Person
from engine.remediation import StopCommands, stop_commands
from engine.scoring.thresholds import ANOMALOUS

_REASONS_SHOWN = 6
_SHORT_ID = 8
_VERB = 2
_MAY_REPEAT = (
    "This card may repeat one posted before: Slack did not confirm whether the first one arrived. Both are about the "
    "same incident."
)


def anomaly_card(
    anomaly: Anomaly,
    *,
    account_name: str,
    now: datetime,
    may_repeat: bool,
    person: Person | None = None,
    is_new: bool = False,
) -> Card:
    """Draw the anomaly as it stands at ``now``. ``may_repeat`` marks a card that was posted again in doubt.

    ``person`` is who did it, where that is known. A message that is posted with a mention calls whom it mentions, one
    that is changed does not: so a new card shows the name alone, and every later state of it the mention.
    """
    blocks = [
        header(words.headline(anomaly)),
        *_outcome(anomaly),
        _facts(anomaly, account_name, now, _known_as(person, is_new=is_new)),
        _why(anomaly),
        *_how_to_stop(anomaly),
        *_leaked(anomaly),
        *_said(anomaly),
        actions_block(anomaly, person),
        context("context", _small_print(anomaly, now, may_repeat=may_repeat)),
    ]
    return Card(_one_line(anomaly, account_name), blocks)


def _one_line(anomaly: Anomaly, account_name: str) -> str:
    actor = escape(short_actor(anomaly.actor.name or anomaly.actor.key), 120)
    account = escape(account_name, 80) or escape(anomaly.account_id, 20)
    return f"{escape(words.what(anomaly))}, {words.cost_rates(anomaly)}, by {actor} in {account}"


def _outcome(anomaly: Anomaly) -> list[Block]:
    ended_at = anomaly.ended_at
    if ended_at is None:
        return []
    return [section("outcome", "\n".join([words.outcome(anomaly, ended_at), *last_snapshot_line(anomaly)]))]


def _known_as(person: Person | None, *, is_new: bool) -> str:
    if person is None:
        return ""
    return f"*{escape(person.name, 80)}*" if is_new else mention(person.user_id)


def _facts(anomaly: Anomaly, account_name: str, now: datetime, known_as: str) -> Block:
    fields = [
        f"*Cost*\n{words.cost(anomaly, now)}",
        f"*Who*\n{words.who(anomaly, known_as)}",
        f"*Where*\n{words.where(anomaly, account_name)}",
        f"*When*\n{words.times(anomaly)}",
    ]
    return section("facts", "\n".join(words.list_lines(anomaly)), fields)


def _why(anomaly: Anomaly) -> Block:
    """The signals' own sentences, weightiest first; what the safety net caught says so before them."""
    reasons = [anomaly.decision.reason] if anomaly.decision.safety_net else []
    reasons += [signal.text for signal in anomaly.signals]
    sentences = [text for reason in dict.fromkeys(reasons) if (text := escape(reason, 400))]
    bullets = [f"• {sentence}" for sentence in sentences[:_REASONS_SHOWN]]
    return section("why", "\n".join(["*Why this alert*", *(bullets or ["• Unusual for this account"])]))


def _how_to_stop(anomaly: Anomaly) -> list[Block]:
    if anomaly.ended_at is not None or anomaly.status is AnomalyStatus.EXPECTED or anomaly.is_commitment:
        return []
    commands = stop_commands(anomaly, lambda some: length(_stop_text(anomaly, some)) <= SECTION_LIMIT)
    return [section("stop", _stop_text(anomaly, commands))]


def _leaked(anomaly: Anomaly) -> list[Block]:
    """What was stopped by now does not give the key back."""
    line = leaked_key_line(anomaly)
    return [section("leaked_key", line)] if line else []


def _stop_text(anomaly: Anomaly, commands: StopCommands) -> str:
    lines = ["*How to stop it*"]
    if commands.stop:
        lines.append(code_block(escape(command, SECTION_LIMIT) for command in commands.stop))
    else:
        lines.append(_in_the_console(anomaly))
    lines += [*_harder(commands), *_left_out(anomaly, commands), *preflight_line(anomaly)]
    if anomaly.actor.kind is ActorKind.AUTOMATION:
        lines.append("Automation started it and may start it again: stop that first.")
    return "\n".join(lines)


def _in_the_console(anomaly: Anomaly) -> str:
    return f"In the AWS console: {code(anomaly.lead.service, 40)} in {escape(anomaly.lead.region, 30)}"


def _left_out(anomaly: Anomaly, commands: StopCommands) -> list[str]:
    """How many do not fit, and how to find them. When what is named has stopped, the card names the next."""
    rest = commands.running - commands.named
    if not rest or not commands.named:
        return []
    lines = [f"This names {commands.named:,} of {count(commands.running, 'running resource')}; {rest:,} are left out."]
    if not commands.listing:
        return [*lines, _in_the_console(anomaly)]
    others = len(commands.listing) - 1
    where = f", and so in {count(others, 'other Region')}" if others else ""
    return [*lines, f"To list what runs{where}:", code_block([escape(commands.listing[0], SECTION_LIMIT)])]


def _harder(commands: StopCommands) -> list[str]:
    """What ends it for good. Where only the verb differs, naming it keeps the card short."""
    if not commands.harder:
        return []
    verbs = {_other_verb(soft, hard) for soft, hard in zip_longest(commands.stop, commands.harder, fillvalue="")}
    if len(verbs) == 1 and (verb := verbs.pop()):
        return [f"If that is not enough: the same with {code(verb, 40)}"]
    return ["If that is not enough:", code_block(escape(command, SECTION_LIMIT) for command in commands.harder)]


def _other_verb(soft: str, hard: str) -> str:
    """Return the third word of ``hard`` if both commands are equal but for that, else an empty string.

    >>> _other_verb("aws ec2 stop-instances --instance-ids i-0a1", "aws ec2 terminate-instances --instance-ids i-0a1")
    'terminate-instances'
    """
    before, after = soft.split(), hard.split()
    alike = len(after) > _VERB and before[:_VERB] == after[:_VERB] and before[_VERB + 1 :] == after[_VERB + 1 :]
    return after[_VERB] if alike else ""


def _said(anomaly: Anomaly) -> list[Block]:
    """What people said and did about it, each in a line."""
    lines = filter(None, (verdict_line(anomaly), ask_line(anomaly), ticket_line(anomaly)))
    text = "\n".join(lines)
    return [section("verdict", text)] if text else []


def _small_print(anomaly: Anomaly, now: datetime, *, may_repeat: bool) -> list[str]:
    lag = duration((anomaly.detected_at - anomaly.first_event_time).total_seconds())
    short_id = escape(anomaly.anomaly_id[:_SHORT_ID])
    facts = [f"Seen {lag} after the event", _confidence(anomaly), *_provenance(anomaly), f"id {short_id}"]
    meaning = f"*Mark expected*: {escape(meaning_of_expected(anomaly, now))}"
    means = [meaning] if MARK_EXPECTED in offered(anomaly) else []
    return [*means, " · ".join(facts), *([_MAY_REPEAT] if may_repeat else [])]


def _confidence(anomaly: Anomaly) -> str:
    """How far the evidence goes: what the safety net caught for its price alone stays below what is unusual."""
    return f"score {anomaly.score:,.1f} ({ANOMALOUS:,.1f} is unusual)"


def _provenance(anomaly: Anomaly) -> list[str]:
    """Where the prices come from, each source once."""
    sources = {line.price_source for line in anomaly.lines if line.hourly_cost is not None}
    named = [name for source, name in PRICE_SOURCES.items() if source in sources]
    return [*dict.fromkeys(named), *([PRICE_UNKNOWN] if anomaly.unknown_price else [])]

"""The story of one anomaly: what, who, where, what it costs, why it was told, what people said, how to stop it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from blocks.anomaly_words import cost_rates, describe_lines, headline, outcome, regions_of, who
from blocks.explanation import DECISIONS, VERDICT_DEEDS
from blocks.money import per_hour, usd
from blocks.text import clean, duration
from blocks.unmarked import unmarked
from engine.models.anomaly import Anomaly, Signal
from engine.models.cost_event import Change, CostEvent
from engine.models.verdict import Verdict, VerdictKind
from engine.reasons import with_person
from engine.remediation.leaked_key import KeyStep, leaked_key_steps
from handlers.web.site.anomaly_filter import AnomalyFilter
from handlers.web.site.rows import burnt_by
from handlers.web.site.stopping_view import StoppingView, stopping_view
from handlers.web.site.verdict_forms import VerdictForms
from handlers.web.site.words import Badge, Moment, Names, listed, moment, person, severity_badge, shown, status_badge

_REGIONS = 12
_IDS = 3
_SENTENCE = 500
_DEEDS = {Change.START: "started", Change.STOP: "stopped", Change.MODIFY: "changed"}


class SignalRow(msgspec.Struct, frozen=True):
    """One reason for the score; ``share`` of the threshold is never negative."""

    text: str
    name: str
    contribution: str
    share: float


class Step(msgspec.Struct, frozen=True):
    """Something that happened to the anomaly."""

    text: str
    when: Moment


class RecordRow(msgspec.Struct, frozen=True, kw_only=True):
    """One CloudTrail record."""

    when: Moment
    call: str
    what: str
    resources: str
    region: str
    price: str
    event_id: str


class AnomalyView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page; texts are empty where there is nothing to say."""

    anomaly_id: str
    headline: str
    outcome: str
    severity: Badge
    status: Badge
    lines: tuple[str, ...]
    rates: str
    burnt: str
    still_running: str
    running_for: str
    who: str
    actor_key: str
    others_of_actor: str
    account: str
    account_id: str
    regions: str
    began: Moment
    found: Moment
    score: str
    decision: str
    signals: tuple[SignalRow, ...]
    history: tuple[Step, ...]
    records: tuple[RecordRow, ...]
    records_left_out: int
    stopping: StoppingView | None
    key_steps: Sequence[KeyStep]
    forms: VerdictForms
    slack_url: str
    as_of: Moment


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one anomaly."""

    anomaly: Anomaly
    account_name: str
    slack_url: str
    verdicts: Sequence[Verdict]
    records: Sequence[CostEvent]
    names: Names


def anomaly_view(told: Told, forms: VerdictForms, now: datetime) -> AnomalyView:
    """Tell the story as of ``now``."""
    anomaly = told.anomaly
    ended_at = anomaly.ended_at
    return AnomalyView(
        anomaly_id=anomaly.anomaly_id,
        headline=headline(anomaly),
        outcome=unmarked(outcome(anomaly, ended_at)) if ended_at is not None else "",
        severity=severity_badge(anomaly.severity),
        status=status_badge(anomaly.status),
        lines=tuple(unmarked(line).removeprefix("• ") for line in describe_lines(anomaly.lines)),
        rates=cost_rates(anomaly),
        burnt=burnt_by(anomaly, now),
        still_running=_still_running(anomaly),
        running_for=_running_for(anomaly, now),
        who=unmarked(who(anomaly).replace("\n", " ")),
        actor_key=shown(anomaly.actor.key, 200),
        others_of_actor=AnomalyFilter(actor=anomaly.actor.key, told="all").path(),
        account=shown(told.account_name) or anomaly.account_id,
        account_id=anomaly.account_id,
        regions=listed(regions_of(anomaly), _REGIONS),
        began=moment(anomaly.first_event_time, now),
        found=moment(anomaly.detected_at, now),
        score=f"{anomaly.score:.2f}",
        decision=f"{DECISIONS[anomaly.decision.kind]}: {_reason(told)}",
        signals=tuple(map(_signal, anomaly.signals)),
        history=_history(told, now),
        records=tuple(_record(one, now) for one in told.records),
        records_left_out=max(0, len(anomaly.event_ids) - len({one.event_id for one in told.records})),
        stopping=stopping_view(anomaly),
        key_steps=leaked_key_steps(anomaly),
        forms=forms,
        slack_url=told.slack_url,
        as_of=moment(now, now),
    )


def _reason(told: Told) -> str:
    """As a card would have it, but with names where Slack shows mentions."""
    given = clean(told.anomaly.decision.reason, _SENTENCE)
    return with_person(given, lambda who: person(who, told.names)) or "-"


def _running_for(anomaly: Anomaly, now: datetime) -> str:
    """Empty where it has ended, and where nobody follows what becomes of it."""
    followed = anomaly.ended_at is None and not anomaly.is_covered
    return duration((now - anomaly.first_event_time).total_seconds()) if followed else ""


def _still_running(anomaly: Anomaly) -> str:
    """Only where part of it was stopped."""
    part = anomaly.ended_at is None and anomaly.running_hourly_cost < anomaly.hourly_cost
    return per_hour(anomaly.running_hourly_cost) if part else ""


def _signal(signal: Signal) -> SignalRow:
    return SignalRow(
        text=clean(signal.text, _SENTENCE),
        name=shown(signal.name.replace("_", " ")),
        contribution=f"{signal.contribution:+.2f}",
        share=min(1.0, max(0.0, signal.contribution)),
    )


def _history(told: Told, now: datetime) -> tuple[Step, ...]:
    """What happened, oldest first."""
    anomaly = told.anomaly
    steps = [Step("Found", moment(anomaly.detected_at, now))]
    steps += [Step(_said(one, told.names), moment(one.at, now)) for one in told.verdicts]
    if anomaly.ended_at is not None:
        steps.append(Step("Everything it started had stopped", moment(anomaly.ended_at, now)))
    return tuple(sorted(steps, key=lambda step: step.when.machine))


def _said(verdict: Verdict, names: Names) -> str:
    if not verdict.user_id and verdict.kind is VerdictKind.UNDONE:
        return "Its snooze ended"
    return f"{person(verdict.user_id, names)} {VERDICT_DEEDS[verdict.kind]}"


def _record(event: CostEvent, now: datetime) -> RecordRow:
    return RecordRow(
        when=moment(event.event_time, now),
        call=shown(event.event_name),
        what=f"{_DEEDS[event.change]} {event.quantity:,} {shown(event.resource_type)}",
        resources=listed(event.resource_ids, _IDS) or "-",
        region=shown(event.region),
        price=usd(event.upfront_cost) if event.upfront_cost is not None else per_hour(event.hourly_cost),
        event_id=shown(event.event_id),
    )

"""Grouping: what one actor does in one go is one anomaly, one card."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.account_state import AccountState
from engine.database_members import is_cluster_member
from engine.incident_lines import line_of, merge_line
from engine.memory_only import is_memory_only
from engine.models.anomaly import JUDGED, Anomaly, AnomalyStatus, Decision, DecisionKind, ResourceRef, Score, Signal
from engine.models.caution import Caution
from engine.models.cost_event import Change, CostEvent
from engine.remediation.preflight import merge_cautions
from engine.scoring.thresholds import CREEP_GROUP_MINUTES, GROUP_MINUTES
from engine.severity import severity_of
from engine.shares import only

_NAMESPACE = uuid.UUID("5a1f6d0e-35f5-4b3b-9d5b-7b8f1a7c2e11")
_JOINABLE = frozenset({AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED, AnomalyStatus.SNOOZED, AnomalyStatus.UNEXPECTED})
_MOST_IDS = 1000
_NO_MONEY = 1e-6
_GROUP_SPAN = timedelta(minutes=GROUP_MINUTES)
_CREEP_SPAN = timedelta(minutes=CREEP_GROUP_MINUTES)


def find_incident(event: CostEvent, state: AccountState, verdict: Score | None = None) -> Anomaly | None:
    """Give the incident this event belongs to in time and actor: the one active last, within the hour.

    A creep is slow: what ``verdict`` calls one more step of it joins within half a day.

    >>> from engine.examples import launch, new_state
    >>> find_incident(launch(), new_state()) is None
    True
    """
    creeping = verdict is not None and bool(verdict.signals) and verdict.signals[0].name == "creep"
    near = [
        anomaly
        for anomaly in state.anomalies.of_actor(event.actor.key)
        if anomaly.status in _JOINABLE
        and anomaly.is_commitment is event.is_commitment
        and _may_mix(event, anomaly, verdict)
        and is_near(event, anomaly, _CREEP_SPAN if creeping and is_led_by(anomaly, "creep") else _GROUP_SPAN)
    ]
    return max(near, key=lambda anomaly: (anomaly.last_event_time, anomaly.anomaly_id), default=None)


def _may_mix(event: CostEvent, anomaly: Anomaly, verdict: Score | None) -> bool:
    """Before people are told, what only breaks a habit is kept apart from other things: cards must stay pure."""
    if anomaly.decision.kind is DecisionKind.ALERT or is_of_a_kind(event, anomaly):
        return True
    if is_led_by(anomaly, "creep"):
        return False
    bursting = verdict is not None and bool(verdict.signals) and verdict.signals[0].name == "burst"
    return bursting or not is_led_by(anomaly, "burst")


def is_near(event: CostEvent, anomaly: Anomaly, span: timedelta = _GROUP_SPAN) -> bool:
    """Whether an event comes so soon before or after what joined an incident that both may be one deed.

    >>> from engine.examples import MONDAY, incident, launch
    >>> is_near(launch(event_time=MONDAY + timedelta(hours=2)), incident(launch()))
    False
    """
    return anomaly.first_event_time - span <= event.event_time <= anomaly.last_event_time + span


def is_led_by(anomaly: Anomaly, channel: str) -> bool:
    """Whether a channel gave the weightiest reason for an incident.

    >>> from engine.examples import incident, launch
    >>> is_led_by(incident(launch()), "burst")
    False
    """
    return bool(anomaly.signals) and anomaly.signals[0].name == channel


def is_of_a_kind(event: CostEvent, anomaly: Anomaly) -> bool:
    """An event that is not unusual by itself belongs to an incident only if it is more of the same type.

    >>> from engine.examples import incident, launch
    >>> is_of_a_kind(launch(resource_type="t3.micro"), incident(launch()))
    False
    """
    return any(line.resource_type == event.resource_type for line in anomaly.lines)


def new_incident(event: CostEvent, score: Score, decision: Decision, namespace: str, *, apart: str = "") -> Anomaly:
    """Open an anomaly. Its id follows from the record that raised it: judging a record again makes no second one.

    ``apart`` tells it from an incident that the same record opened for another reason.

    >>> from engine.examples import launch
    >>> new_incident(launch(), Score(2.0), Decision(DecisionKind.ALERT, "Unusual."), "t-1").withheld_event_ids
    ('e-1',)
    """
    name = f"{namespace}/{event.account_id}/{event.event_id}/{event.part}"
    anomaly_id = uuid.uuid5(_NAMESPACE, f"{name}/{apart}" if apart else name)
    line = line_of(event)
    hourly_cost = event.hourly_cost or 0.0
    withheld = (event.event_id,) if decision.kind is DecisionKind.ALERT else ()
    return Anomaly(
        anomaly_id=str(anomaly_id),
        account_id=event.account_id,
        actor=event.actor,
        status=AnomalyStatus.OPEN,
        severity=severity_of(hourly_cost, unknown_price=event.hourly_cost is None, upfront_cost=event.upfront_cost),
        score=score.value,
        signals=score.signals,
        decision=decision,
        event_ids=(event.event_id,),
        withheld_event_ids=withheld,
        lines=(line,),
        resources=_references(event)[:_MOST_IDS],
        running_ids=_running_ids(event),
        hourly_cost=hourly_cost,
        running_hourly_cost=hourly_cost,
        unknown_price=event.hourly_cost is None,
        first_event_time=event.event_time,
        last_event_time=event.event_time,
        detected_at=event.event_time,
        source_ip=event.source_ip,
        burning_since=event.event_time,
        cautions=_cautions_of(event),
    )


def grow(anomaly: Anomaly, event: CostEvent, score: Score, *, all_new: bool = False) -> Anomaly:
    """Give the anomaly with one more event in it; its decision is made anew by whoever calls.

    What is started once more adds to the burn, but not to what the incident is said to have started. A late record's
    burn counts from its own time. ``all_new`` says that none of its resources was ever seen before, which spares
    comparing them with all that joined.

    >>> from engine.examples import incident, launch
    >>> grow(incident(launch()), launch(event_id="e-2", resource_ids=("i-2",)), Score(1.0)).hourly_cost
    2.0
    """
    references = _references(event) if all_new else _unknown_references(anomaly, event)
    counted = _counted(event, references)
    hourly_cost = anomaly.hourly_cost + (counted.hourly_cost or 0.0)
    unknown = anomaly.unknown_price or event.hourly_cost is None
    burnt, now = settle(anomaly, event.event_time)
    burnt += _hours(event.event_time, now) * (event.hourly_cost or 0.0)
    lines = merge_line(anomaly.lines, line_of(counted)) if counted.quantity else anomaly.lines
    grown = msgspec.structs.replace(anomaly, lines=lines)
    return msgspec.structs.replace(
        grown,
        severity=severity_of(hourly_cost, unknown_price=unknown, upfront_cost=grown.upfront_cost),
        score=max(anomaly.score, score.value),
        signals=merge_signals(anomaly.signals, score.signals),
        event_ids=extend(anomaly.event_ids, event.event_id),
        resources=(*anomaly.resources, *dict.fromkeys(references))[:_MOST_IDS],
        running_ids=_with_running(anomaly.running_ids, _running_ids(event), all_new),
        hourly_cost=hourly_cost,
        running_hourly_cost=anomaly.running_hourly_cost + (event.hourly_cost or 0.0),
        unknown_price=unknown,
        first_event_time=min(anomaly.first_event_time, event.event_time),
        last_event_time=max(anomaly.last_event_time, event.event_time),
        burnt_usd=burnt,
        burning_since=now,
        ended_at=None,
        cautions=merge_cautions(anomaly.cautions, _cautions_of(event)) if event.cautions else anomaly.cautions,
        revision=anomaly.revision + 1,
    )


def _cautions_of(event: CostEvent) -> tuple[Caution, ...]:
    """What a snapshot's record tells of what it is one of is nothing to know before deleting the snapshot."""
    return tuple(one for one in event.cautions if not one.of or one.of in event.resource_ids)


def settle(anomaly: Anomaly, until: datetime) -> tuple[float, datetime]:
    """What has burnt by ``until`` in USD, and the moment from which it burns on.

    >>> from datetime import timedelta
    >>> from engine.examples import MONDAY, incident, launch
    >>> settle(incident(launch()), MONDAY + timedelta(hours=3))[0]
    3.0
    """
    if until <= anomaly.burning_since:
        return anomaly.burnt_usd, anomaly.burning_since
    return anomaly.burnt_usd + anomaly.running_hourly_cost * _hours(anomaly.burning_since, until), until


def _hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600


def change_rate(anomaly: Anomaly, difference: float, at: datetime) -> Anomaly:
    """Let the incident burn on at another rate (USD an hour more, or less) from a moment that may have passed.

    >>> from datetime import timedelta
    >>> from engine.examples import MONDAY, incident, launch
    >>> change_rate(incident(launch()), -0.5, MONDAY + timedelta(hours=1)).running_hourly_cost
    0.5
    """
    burnt, since = settle(anomaly, at)
    return msgspec.structs.replace(
        anomaly,
        running_hourly_cost=max(0.0, anomaly.running_hourly_cost + difference),
        burnt_usd=max(0.0, burnt + _hours(at, since) * difference),
        burning_since=since,
        revision=anomaly.revision + 1,
    )


def end_resources(anomaly: Anomaly, ended_ids: Sequence[str], hourly_cost: float, at: datetime) -> Anomaly:
    """Take ended resources out of the burn; when none runs on, the anomaly is resolved unless it was judged.

    ``hourly_cost`` is the known USD per hour of what ended. Only the first thousand ids are kept, so money that still
    burns also says that something runs on. The burn is over when the last thing stopped, whichever record came last.

    >>> from datetime import timedelta
    >>> from engine.examples import MONDAY, incident, launch
    >>> end_resources(incident(launch()), ["i-1"], 1.0, MONDAY + timedelta(hours=3)).burnt_usd
    3.0
    """
    slowed = change_rate(anomaly, -hourly_cost, at)
    ended = set(ended_ids)
    running = tuple(one for one in anomaly.running_ids if one not in ended)
    everything = not running and slowed.running_hourly_cost < _NO_MONEY
    judged = anomaly.status in JUDGED
    return msgspec.structs.replace(
        slowed,
        running_ids=running,
        running_hourly_cost=0.0 if everything else slowed.running_hourly_cost,
        ended_at=slowed.burning_since if everything else None,
        status=AnomalyStatus.RESOLVED if everything and not judged else anomaly.status,
    )


def _unknown_references(anomaly: Anomaly, event: CostEvent) -> tuple[ResourceRef, ...]:
    """What an event names that the incident does not know yet."""
    ids = frozenset(event.resource_ids)
    known = {one for one in anomaly.resources if one.resource_id in ids}
    return tuple(one for one in _references(event) if one not in known)


def _counted(event: CostEvent, unknown: tuple[ResourceRef, ...]) -> CostEvent:
    """The part of a start that the incident has not started before."""
    if event.change is not Change.START or not event.resource_ids:
        return event
    return only(event, [one.resource_id for one in unknown])


def extend(ids: tuple[str, ...], one: str) -> tuple[str, ...]:
    """Add an id that is not there yet, up to the thousand that are kept in an anomaly.

    >>> extend(("e-1",), "e-2")
    ('e-1', 'e-2')
    """
    return ids if len(ids) >= _MOST_IDS or one in ids else (*ids, one)


def _with_running(ids: tuple[str, ...], more: tuple[str, ...], all_new: bool) -> tuple[str, ...]:
    if len(ids) >= _MOST_IDS:
        return ids
    merged = (*ids, *dict.fromkeys(more)) if all_new else tuple(dict.fromkeys(ids + more))
    return merged[:_MOST_IDS]


def _references(event: CostEvent) -> tuple[ResourceRef, ...]:
    kind = event.region, event.service, event.resource_type
    nature = is_cluster_member(event.usage), is_memory_only(event.usage)
    return tuple(ResourceRef(*kind, one, *nature) for one in event.resource_ids)


def _running_ids(event: CostEvent) -> tuple[str, ...]:
    """What can be stopped; a purchase cannot."""
    return () if event.is_commitment else event.resource_ids[:_MOST_IDS]


def merge_signals(old: tuple[Signal, ...], new: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Keep one signal of each name, the weightiest; of equal ones the latest, for its numbers are the newest.

    >>> merge_signals((Signal("cost", 1.0, "Much."),), (Signal("cost", 2.0, "More."),))
    (Signal(name='cost', contribution=2.0, text='More.'),)
    """
    best: dict[str, Signal] = {}
    for signal in (*old, *new):
        if signal.name not in best or best[signal.name].contribution <= signal.contribution:
            best[signal.name] = signal
    return tuple(sorted(best.values(), key=lambda signal: -signal.contribution))

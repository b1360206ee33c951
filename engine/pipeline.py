"""The way of one record through the engine: resolve, price, score, group, decide, learn.

The state and the changes are working copies of one batch, in memory; nothing here touches anything else.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from engine import burn
from engine.account_state import AccountState, Changes
from engine.baselines.learn import learn, observe
from engine.baselines.model import Cell, pair_key
from engine.governance import Circumstances, decide, safety_net
from engine.incidents import find_incident, grow, is_of_a_kind, new_incident
from engine.maturity import is_young
from engine.models.anomaly import Anomaly, Decision, DecisionKind, Score, Severity
from engine.models.cost_event import Change, CostEvent
from engine.models.resource import Resource
from engine.patterns import matching_expectation, matching_snooze
from engine.precursors import first_use, note_precursor, with_failed_launches
from engine.pricing.estimate import Prices, estimate
from engine.resizing import resize
from engine.resolution import resolve
from engine.scoring import score
from engine.scoring.thresholds import SAFETY_NET_SEEN
from engine.severity import severity_of

_ANOMALOUS = 1.0
_MOST_WITHHELD = 1000
_REMEMBERED = timedelta(hours=2)

_Judged = tuple[CostEvent, Anomaly | None]


def start_changes(state: AccountState) -> Changes:
    """Begin a batch: nothing changed yet.

    >>> from engine.examples import new_state
    >>> start_changes(new_state()).cost_events
    []
    """
    return Changes(baseline=state.baseline)


def advance(record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices) -> None:
    """Judge one record's cost events, as ``parse`` gave them, and write what follows into state and changes.

    A record is one launch: all its parts are judged by what was known before it, and are learned or withheld together.

    >>> from engine.examples import FlatPrices, launch, new_state
    >>> state = new_state()
    >>> changes = start_changes(state)
    >>> advance([launch()], state, changes, FlatPrices())
    >>> state.baseline.launches, changes.cost_events[0].price_source
    (1, 'list')
    """
    opening = next((found for event in record if (found := first_use(event, state))), None)
    judged = _live_through(record, state, changes, prices)
    if opening is not None and all(anomaly is None for _, anomaly in judged):
        note_precursor(opening, state, changes)
    if not any(anomaly is not None and _is_told(anomaly) for _, anomaly in judged):
        _learn_all(state, judged)
    changes.baseline = state.baseline


def learn_history(records: Iterable[Sequence[CostEvent]], state: AccountState, prices: Prices) -> tuple[Changes, int]:
    """Live through old records in order: everything is learned, nothing alerts, for nobody can be asked any more.

    Gives the changes without any anomaly, and how many cards the history would have raised, in the account's mode,
    once it was known well.

    >>> from engine.examples import FlatPrices, launch, new_state
    >>> changes, alerts = learn_history([[launch()]], new_state(), FlatPrices())
    >>> changes.baseline.launches, alerts
    (1, 0)
    """
    past = msgspec.structs.replace(state, anomalies={}, panic_mode=False)
    changes, told = start_changes(past), set[str]()
    for record in records:
        judged = _live_through(record, past, changes, prices)
        told |= _told_when_mature(judged, past)
        _learn_all(past, judged)
        _forget_old(past, record)
    state.baseline = past.baseline
    kept = {key: _without_history(one, state) for key, one in changes.resources.items()}
    state.resources.update(kept)
    return Changes(baseline=past.baseline, cost_events=changes.cost_events, resources=kept), len(told)


def _told_when_mature(judged: Sequence[_Judged], past: AccountState) -> set[str]:
    return {
        anomaly.anomaly_id
        for event, anomaly in judged
        if anomaly is not None and _is_told(anomaly) and not is_young(past.baseline, event.event_time)
    }


def _forget_old(past: AccountState, record: Sequence[CostEvent]) -> None:
    """Incidents that nothing can join any more would only slow the next look."""
    now = max((event.event_time for event in record), default=None)
    if now is not None:
        past.anomalies = {key: one for key, one in past.anomalies.items() if now - one.last_event_time <= _REMEMBERED}


def _without_history(resource: Resource, state: AccountState) -> Resource:
    """Incidents of the past are not stored, so nothing may belong to them; what is going on now stays."""
    if resource.anomaly_id in state.anomalies:
        return resource
    return msgspec.structs.replace(resource, anomaly_id="", usual_cost=0.0)


def _live_through(record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices) -> list[_Judged]:
    """Write down what a record did, all but what can be learned from it."""
    events = [estimate(part, prices) for event in record for part in resolve(event, state.resources)]
    fresh = [burn.without_running(event, state) for event in events]
    for event in events:
        burn.note_restarts(event, state, changes)
    growths = [burn.increase(event, state) for event in fresh]
    launch_cost = _unfamiliar_cost(growths, state)
    judged = []
    for event, growth in zip(fresh, growths, strict=True):
        changes.cost_events.append(burn.with_ended_cost(event, state))
        state.baseline = observe(state.baseline, event)
        if event.change is Change.STOP:
            burn.end(event, state, changes)
        elif event.change is Change.MODIFY and growth.hourly_cost == 0.0:
            resize(event, 0.0, None, state, changes)
        elif event.quantity:
            judged.append((event, _judge(event, growth, launch_cost, state, changes)))
    return judged


def _learn_all(state: AccountState, judged: Sequence[_Judged]) -> None:
    for event, _ in judged:
        state.baseline = learn(state.baseline, event)


def _is_told(anomaly: Anomaly) -> bool:
    return anomaly.decision.kind is DecisionKind.ALERT


def _judge(
    event: CostEvent, growth: CostEvent, launch_cost: float, state: AccountState, changes: Changes
) -> Anomaly | None:
    """Score a start or growth, and join or open an incident; None when there is nothing to tell or keep."""
    anomaly = _group(growth, score(growth, state.baseline), _is_caught(growth, launch_cost, state), state)
    if event.change is Change.MODIFY:
        anomaly = resize(event, growth.hourly_cost or 0.0, anomaly, state, changes)
    elif not event.is_commitment:
        burn.begin(event, state, changes, anomaly)
        anomaly = anomaly and burn.close_late(anomaly, event, state)
    if anomaly is not None:
        anomaly = with_failed_launches(anomaly, event, state)
        burn.keep(anomaly, state, changes)
    return anomaly


def _unfamiliar_cost(launch: Sequence[CostEvent], state: AccountState) -> float:
    """USD an hour of those parts of a record that are neither expected nor well known: what the safety net is for."""
    return sum(
        part.hourly_cost or 0.0
        for part in launch
        if part.change is not Change.STOP
        and _times_seen(part, state) < SAFETY_NET_SEEN
        and matching_expectation(part, state) is None
    )


def _times_seen(event: CostEvent, state: AccountState) -> int:
    return state.baseline.pairs.get(pair_key(event.actor.key, event.resource_type), Cell()).count


def _is_caught(event: CostEvent, launch_cost: float, state: AccountState) -> bool:
    young = is_young(state.baseline, event.event_time)
    return safety_net(launch_cost, seen=_times_seen(event, state), young=young)


def _group(event: CostEvent, verdict: Score, caught: bool, state: AccountState) -> Anomaly | None:
    """Give the incident with this event in it, or None when there is nothing to tell or keep."""
    anomalous = verdict.value >= _ANOMALOUS
    covered = matching_expectation(event, state) is not None
    incident = find_incident(event, state)
    if covered or not (anomalous or caught or (incident is not None and is_of_a_kind(event, incident))):
        return None
    if incident is not None:
        return _joined(incident, event, verdict, caught, state)
    severity = severity_of(
        event.hourly_cost or 0.0, unknown_price=event.hourly_cost is None, upfront_cost=event.upfront_cost
    )
    decision = _decision(event, severity, anomalous, caught, state)
    return new_incident(event, verdict, decision, state.namespace)


def _joined(incident: Anomaly, event: CostEvent, verdict: Score, caught: bool, state: AccountState) -> Anomaly:
    """Grow an incident; once people were told, its later events are withheld too."""
    grown = grow(incident, event, verdict)
    anomalous = grown.score >= _ANOMALOUS
    decision = grown.decision
    if decision.kind is not DecisionKind.ALERT:
        decision = _decision(event, grown.severity, anomalous, caught or decision.safety_net, state)
    withheld = grown.withheld_event_ids
    newly_told = decision.kind is DecisionKind.ALERT and incident.decision.kind is not DecisionKind.ALERT
    if decision.kind is DecisionKind.ALERT and event.event_id not in withheld:
        withheld = (*withheld, event.event_id)[:_MOST_WITHHELD]
    return msgspec.structs.replace(
        grown,
        decision=decision,
        withheld_event_ids=withheld,
        detected_at=event.event_time if newly_told else grown.detected_at,
    )


def _decision(event: CostEvent, severity: Severity, anomalous: bool, caught: bool, state: AccountState) -> Decision:
    now: datetime = event.event_time
    return decide(
        Circumstances(
            account=state.account,
            severity=severity,
            anomalous=anomalous,
            in_safety_net=caught,
            young=is_young(state.baseline, now),
            commitment=event.is_commitment,
            panic_mode=state.panic_mode,
            snooze=matching_snooze(event, state, now),
        )
    )

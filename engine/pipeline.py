"""The way of one record through the engine: resolve, price, score, group, decide, learn.

The state and the changes are working copies of one batch, in memory; nothing here touches anything else.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

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
from engine.patterns import matching_expectation, matching_snooze
from engine.pricing.estimate import Prices, estimate
from engine.resolution import resolve
from engine.scoring import score
from engine.severity import severity_of

_ANOMALOUS = 1.0


def start_changes(state: AccountState) -> Changes:
    """Begin a batch: nothing changed yet."""
    return Changes(baseline=state.baseline)


def advance(record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices) -> None:
    """Judge one record's cost events, as ``parse`` gave them, and write what follows into state and changes."""
    events = [estimate(part, prices) for event in record for part in resolve(event, state.resources)]
    fresh = [burn.without_running(event, state) for event in events]
    launch_cost = sum(event.hourly_cost or 0.0 for event in fresh if event.change is not Change.STOP)
    for event in fresh:
        changes.cost_events.append(burn.with_ended_cost(event, state))
        state.baseline = observe(state.baseline, event)
        if event.change is Change.STOP:
            burn.end(event, state, changes)
        elif event.quantity:
            _judge(event, launch_cost, state, changes)
    changes.baseline = state.baseline


def learn_history(records: Iterable[Sequence[CostEvent]], state: AccountState, prices: Prices) -> tuple[Changes, int]:
    """Live through old records in order: everything is learned, nothing alerts.

    Gives the changes without any anomaly, and how many alerts the history would have raised once it was known well.
    """
    changes, alerts = start_changes(state), 0
    for record in records:
        before = len(changes.cost_events)
        advance(record, state, changes, prices)
        alerts += sum(1 for one in state.anomalies.values() if one.decision.kind is DecisionKind.ALERT)
        _learn_withheld(state, changes.cost_events[before:])
        changes.anomalies.clear()
    changes.resources = {key: msgspec.structs.replace(one, anomaly_id="") for key, one in changes.resources.items()}
    changes.baseline = state.baseline
    return changes, alerts


def _learn_withheld(state: AccountState, events: Sequence[CostEvent]) -> None:
    """In history even what would have alerted becomes known: nobody can be asked about it any more."""
    withheld = {event_id for anomaly in state.anomalies.values() for event_id in anomaly.withheld_event_ids}
    for event in events:
        if event.event_id in withheld and event.change is not Change.STOP:
            state.baseline = learn(state.baseline, event)
    state.anomalies.clear()


def _judge(event: CostEvent, launch_cost: float, state: AccountState, changes: Changes) -> None:
    """Score a start or growth, join or open an incident, and learn it unless somebody is asked about it."""
    increase = burn.increase(event, state)
    verdict = score(increase, state.baseline)
    caught = _is_caught(increase, launch_cost, state)
    anomaly = _group(increase, verdict, caught, state)
    burn.begin(event, state, changes, anomaly)
    if anomaly is not None:
        anomaly = burn.close_late(anomaly, event, state)
        state.anomalies[anomaly.anomaly_id] = anomaly
        changes.anomalies[anomaly.anomaly_id] = anomaly
    if anomaly is None or event.event_id not in anomaly.withheld_event_ids:
        state.baseline = learn(state.baseline, event)


def _is_caught(event: CostEvent, launch_cost: float, state: AccountState) -> bool:
    seen = state.baseline.pairs.get(pair_key(event.actor.key, event.resource_type), Cell()).count
    return safety_net(launch_cost, seen=seen, young=is_young(state.baseline, event.event_time))


def _group(event: CostEvent, verdict: Score, caught: bool, state: AccountState) -> Anomaly | None:
    """Give the incident with this event in it, or None when there is nothing to tell or keep."""
    anomalous = verdict.value >= _ANOMALOUS
    covered = matching_expectation(event, state) is not None
    incident = find_incident(event, state)
    if covered or not (anomalous or caught or (incident is not None and is_of_a_kind(event, incident))):
        return None
    if incident is not None:
        return _joined(incident, event, verdict, caught, state)
    severity = severity_of(event.hourly_cost or 0.0, unknown_price=event.hourly_cost is None)
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
        withheld = (*withheld, event.event_id)[:1000]
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
            panic_mode=state.panic_mode,
            snooze=matching_snooze(event, state, now),
        )
    )

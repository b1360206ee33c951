"""The burn clock: what the end of something means for the incident it belongs to.

Records of one resource may come in the wrong order: a stop before its start, or a start before the stop of the run
that came before it. Both end in the same hours as the right order.
"""

import msgspec

from engine.account_state import AccountState, Changes
from engine.incidents import change_rate, end_resources
from engine.models.anomaly import Anomaly
from engine.models.cost_event import CostEvent
from engine.models.resource import Resource, plain_id
from engine.runs import key_of, known_resources, remember, resource_of


def close_late(anomaly: Anomaly, event: CostEvent, state: AccountState) -> Anomaly:
    """End at once what started in this event but is known to have stopped: its stop record came first.

    >>> from engine.account_state import Changes
    >>> from engine.examples import incident, launch, new_state
    >>> from engine.models.cost_event import Change
    >>> from engine.runs import begin
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> end(launch(change=Change.STOP), state, changes)
    >>> begin(launch(), state, changes, None)
    >>> close_late(incident(launch()), launch(), state).status
    <AnomalyStatus.RESOLVED: 'resolved'>
    """
    for known in known_resources(event, state):
        if not known.running and known.stopped_at is not None:
            anomaly = end_resources(anomaly, [plain_id(known)], known.hourly_cost or 0.0, known.stopped_at)
    return anomaly


def end(event: CostEvent, state: AccountState, changes: Changes) -> None:
    """Close the burn of what stopped. A stop nobody saw start is kept, in case its start arrives late.

    >>> from engine.account_state import Changes
    >>> from engine.examples import launch, new_state
    >>> from engine.models.cost_event import Change
    >>> state = new_state()
    >>> end(launch(change=Change.STOP), state, Changes(baseline=state.baseline))
    >>> state.resources["eu-west-1/ec2/i-1"].running
    False
    """
    ended_by_anomaly: dict[str, list[Resource]] = {}
    for resource_id in event.resource_ids:
        known = state.resources.get(key_of(event, resource_id))
        if known is not None and known.running and event.event_time < known.since:
            _end_earlier_run(known, event, state, changes)
            continue
        remember(_stopped(known, event, resource_id), state, changes)
        if known is not None and known.running and known.anomaly_id:
            ended_by_anomaly.setdefault(known.anomaly_id, []).append(known)
    for anomaly_id, ended in ended_by_anomaly.items():
        ids, rate = [plain_id(one) for one in ended], sum(one.burn_rate for one in ended)
        if (anomaly := state.anomalies.get(anomaly_id)) is not None:
            keep(end_resources(anomaly, ids, rate, event.event_time), state, changes)


def keep(anomaly: Anomaly, state: AccountState, changes: Changes) -> None:
    """Write an incident into the state and the changes.

    >>> from engine.account_state import Changes
    >>> from engine.examples import incident, launch, new_state
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> keep(incident(launch()), state, changes)
    >>> len(changes.anomalies)
    1
    """
    state.anomalies[anomaly.anomaly_id] = changes.anomalies[anomaly.anomaly_id] = anomaly


def _end_earlier_run(known: Resource, event: CostEvent, state: AccountState, changes: Changes) -> None:
    """A stop from before the present run: the time between that stop and the restart did not burn."""
    if not known.stop_missed:
        return
    remember(msgspec.structs.replace(known, stop_missed=False), state, changes)
    anomaly = state.anomalies.get(known.anomaly_id)
    if anomaly is not None:
        paused = change_rate(anomaly, -known.burn_rate, event.event_time)
        keep(change_rate(paused, known.burn_rate, known.since), state, changes)


def _stopped(known: Resource | None, event: CostEvent, resource_id: str) -> Resource:
    """Without a run that it could end, a stop is one of a run whose start is still to come."""
    at = event.event_time
    if known is None:
        unseen = msgspec.structs.replace(event, hourly_cost=None, usage=())
        return msgspec.structs.replace(resource_of(unseen, key_of(event, resource_id)), running=False, stopped_at=at)
    if known.running:
        return msgspec.structs.replace(known, running=False, stopped_at=at, stop_missed=False)
    if known.stopped_at is not None and known.stopped_at >= at:
        return known
    return msgspec.structs.replace(known, since=at, stopped_at=at)

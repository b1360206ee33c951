"""A running thing becomes dearer or cheaper: what that means for the incident whose burn it is part of."""

import msgspec

from engine.account_state import AccountState, Changes
from engine.burn import keep
from engine.incidents import change_rate, end_resources
from engine.models.anomaly import Anomaly
from engine.models.cost_event import CostEvent
from engine.models.resource import Resource, plain_id
from engine.runs import begin, known_resources
from engine.severity import severity_of

_NO_MONEY = 1e-9


def resize(
    event: CostEvent, growth: float, anomaly: Anomaly | None, state: AccountState, changes: Changes
) -> Anomaly | None:
    """Remember the change and bring every burn in line with it; gives ``anomaly`` back as it is then.

    ``anomaly`` is the incident the change was put into, if any, with ``growth`` USD an hour of it counted already.
    Without one, the incident that started the resource burns on at the new rate. A resource has one incident at a
    time: if the change belongs to another one, the burn goes over to that.

    >>> from engine.account_state import Changes
    >>> from engine.examples import incident, launch, new_state
    >>> from engine.models.cost_event import Change
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> keep(incident(launch()), state, changes)
    >>> begin(launch(), state, changes, incident(launch()))
    >>> resize(launch(change=Change.MODIFY, hourly_cost=0.25), 0.0, None, state, changes)
    >>> [one.running_hourly_cost for one in changes.anomalies.values()]
    [0.25]
    """
    before = [one for one in known_resources(event, state) if one.running]
    begin(event, state, changes, anomaly)
    for old in before:
        new = state.resources[old.resource_id]
        if anomaly is None:
            _follow(old, new, event, state, changes)
        else:
            _release(old, anomaly, event, state, changes)
            kept = old.burn_rate if old.anomaly_id == anomaly.anomaly_id else 0.0
            anomaly = _at_rate(anomaly, new.burn_rate - kept - growth, event)
    return anomaly


def _follow(old: Resource, new: Resource, event: CostEvent, state: AccountState, changes: Changes) -> None:
    owner = state.anomalies.get(old.anomaly_id)
    if owner is not None:
        slowed = _at_rate(owner, new.burn_rate - old.burn_rate, event)
        keep(_of_unknown_price(slowed) if new.hourly_cost is None else slowed, state, changes)


def _of_unknown_price(anomaly: Anomaly) -> Anomaly:
    """What now burns at a price nobody knows must not look as if it burnt nothing."""
    severity = severity_of(anomaly.hourly_cost, unknown_price=True, upfront_cost=anomaly.upfront_cost)
    return msgspec.structs.replace(anomaly, unknown_price=True, severity=severity)


def _release(old: Resource, anomaly: Anomaly, event: CostEvent, state: AccountState, changes: Changes) -> None:
    owner = state.anomalies.get(old.anomaly_id)
    if owner is not None and owner.anomaly_id != anomaly.anomaly_id:
        keep(end_resources(owner, [plain_id(old)], old.burn_rate, event.event_time), state, changes)


def _at_rate(anomaly: Anomaly, difference: float, event: CostEvent) -> Anomaly:
    return change_rate(anomaly, difference, event.event_time) if abs(difference) > _NO_MONEY else anomaly

"""What people declared beforehand: expectations and snoozes that cover a launch."""

from datetime import datetime

from engine.account_state import AccountState
from engine.models.cost_event import CostEvent
from engine.models.verdict import Expectation, Snooze


def matching_expectation(event: CostEvent, state: AccountState) -> Expectation | None:
    """Give the expectation that covers this launch: same type, same actor or anybody, in force, not above its limit.

    >>> from engine.examples import launch, new_state
    >>> matching_expectation(launch(), new_state()) is None
    True
    """
    return next((one for one in state.expectations if _covers(one, event)), None)


def _covers(expectation: Expectation, event: CostEvent) -> bool:
    if expectation.actor_key not in {"", event.actor.key} or event.resource_type not in expectation.resource_types:
        return False
    if expectation.until is not None and event.event_time > expectation.until:
        return False
    if event.is_commitment:
        return _covers_purchase(expectation, event)
    limit = expectation.max_hourly_cost
    if limit is None or event.hourly_cost is None:
        return limit is None or expectation.covers_unknown_price
    return event.hourly_cost <= limit


def _covers_purchase(expectation: Expectation, event: CostEvent) -> bool:
    if event.upfront_cost is None:
        return expectation.covers_unknown_price
    return expectation.max_upfront_cost is not None and event.upfront_cost <= expectation.max_upfront_cost


def matching_snooze(event: CostEvent, state: AccountState, now: datetime) -> Snooze | None:
    """Give the snooze that silences this actor's launches of this type now.

    >>> from engine.examples import MONDAY, launch, new_state
    >>> matching_snooze(launch(), new_state(), MONDAY) is None
    True
    """
    return next((one for one in state.snoozes if _silences(one, event) and now < one.until), None)


def _silences(snooze: Snooze, event: CostEvent) -> bool:
    return snooze.actor_key == event.actor.key and event.resource_type in snooze.resource_types

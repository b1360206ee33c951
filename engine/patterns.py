"""What people declared beforehand: expectations and snoozes that cover a launch."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from engine.account_state import AccountState
from engine.models.anomaly import Anomaly
from engine.models.cost_event import Change, CostEvent
from engine.models.resource import Running
from engine.models.verdict import Expectation, Snooze
from engine.runs import known_resources

_SIX_PLACES = 6  # Sums of prices are good to far less than a cent, but not to the last bit.


def matching_expectation(event: CostEvent, state: AccountState, before: Sequence[CostEvent] = ()) -> Expectation | None:
    """Give the expectation that covers this launch: same type, same actor or anybody, in force, not above its limit.

    ``before`` are parts of the same record that come first but do not run yet: they take up room too.

    >>> from engine.examples import launch, new_state
    >>> matching_expectation(launch(), new_state()) is None
    True
    """
    return next((one for one in state.expectations if _covers(one, event, state, before)), None)


def is_within_total(event: CostEvent, state: AccountState) -> bool:
    """Whether this fits into a total that was announced of all that runs; asked before it runs.

    >>> from engine.examples import launch, new_state
    >>> is_within_total(launch(), new_state())
    False
    """
    found = matching_expectation(event, state)
    return found is not None and found.all_running


def _covers(expectation: Expectation, event: CostEvent, state: AccountState, before: Sequence[CostEvent]) -> bool:
    if expectation.actor_key not in {"", event.actor.key} or event.resource_type not in expectation.resource_types:
        return False
    if expectation.until is not None and event.event_time > expectation.until:
        return False
    if expectation.all_running:
        return _leaves_room(expectation, event, state, before)
    return _covers_alone(expectation, event)


def _covers_alone(expectation: Expectation, event: CostEvent) -> bool:
    """Whether one launch or purchase costs no more than was announced of each."""
    if event.is_commitment:
        return _covers_purchase(expectation, event)
    limit = expectation.max_hourly_cost
    if limit is None or event.hourly_cost is None:
        return limit is None or expectation.covers_unknown_price
    return event.hourly_cost <= limit


def _leaves_room(expectation: Expectation, event: CostEvent, state: AccountState, before: Sequence[CostEvent]) -> bool:
    """Whether this fits in beside all that runs of these types already, whoever started it."""
    if event.is_commitment:
        return False
    types, limit = expectation.resource_types, expectation.max_hourly_cost
    parts = [_addition(one, types, state) for one in (*before, event) if one.resource_type in types]
    if not _is_within(expectation, [_running(types, state), *parts]):
        return False
    return limit is None or event.hourly_cost is not None


def _is_within(expectation: Expectation, running: Iterable[Running]) -> bool:
    """Whether all of this together is no more than was announced to run at a time."""
    all_of_it = list(running)
    most, limit = expectation.max_quantity, expectation.max_hourly_cost
    if most is not None and sum(one.quantity for one in all_of_it) > most:
        return False
    return limit is None or round(sum(one.hourly_cost for one in all_of_it), _SIX_PLACES) <= limit


def expected_since(
    expectations: Iterable[Expectation], found: Anomaly, launches: Sequence[CostEvent], running: Mapping[str, Running]
) -> bool:
    """Whether expectations, declared after something was found, would have kept silent all that it tells of.

    Several may do so together, each a part of it. ``launches`` are its cost events, as far as they are still kept, and
    ``running`` is all that runs of each type now, which is what an expectation about all that runs is held against.

    >>> from engine.examples import MONDAY, incident, launch
    >>> from engine.verdicts import expectation_of
    >>> found = incident(launch())
    >>> said = expectation_of(found, expectation_id="x", user_id="U1", now=MONDAY)
    >>> [expected_since([said], found, [launch(hourly_cost=cost)], {}) for cost in (0.5, 2.0)]
    [True, False]
    """
    types = {line.resource_type for line in found.lines}
    who = {"", found.actor.key}
    ours = [one for one in expectations if one.account_id == found.account_id and one.actor_key in who]
    return bool(types) and all(_is_expected(kind, ours, found, launches, running) for kind in types)


def _is_expected(
    kind: str,
    ours: Sequence[Expectation],
    found: Anomaly,
    launches: Sequence[CostEvent],
    running: Mapping[str, Running],
) -> bool:
    """Whether all of a type is within a total that was announced, or each launch of it was announced by somebody."""
    said = [one for one in ours if kind in one.resource_types]
    totals = [one for one in said if one.all_running and not (found.is_commitment or found.unknown_price)]
    if any(_is_within(one, [running[name] for name in one.resource_types if name in running]) for one in totals):
        return True
    alone = [one for one in said if not one.all_running]
    told = [one for one in launches if one.change is not Change.STOP and one.resource_type == kind]
    return bool(told) and all(any(_covers_alone(one, launch) for one in alone) for launch in told)


def snoozed_since(snoozes: Iterable[Snooze], found: Anomaly) -> bool:
    """Whether snoozes, given after something was found, silence all that it tells of; several may do so together.

    >>> from engine.examples import incident, launch
    >>> snoozed_since([], incident(launch()))
    False
    """
    who = (found.account_id, found.actor.key)
    silenced = {kind for one in snoozes if (one.account_id, one.actor_key) == who for kind in one.resource_types}
    types = {line.resource_type for line in found.lines}
    return bool(types) and types <= silenced


def _addition(event: CostEvent, resource_types: Collection[str], state: AccountState) -> Running:
    """What a start or growth adds to what runs of these types: all that a thing costs when it becomes one of them."""
    known = [one for one in known_resources(event, state) if one.running]
    if event.change is Change.START:
        fresh = event.quantity - len(known)
        return Running(quantity=fresh, hourly_cost=(event.hourly_cost or 0.0) * fresh / max(1, event.quantity))
    joining = [one for one in known if one.resource_type not in resource_types]
    return Running(
        quantity=event.quantity - len(known) + len(joining),
        hourly_cost=(event.hourly_cost or 0.0) + sum(one.hourly_cost or 0.0 for one in joining),
    )


def _running(resource_types: Collection[str], state: AccountState) -> Running:
    known = [one for one in state.resources.values() if one.running and one.resource_type in resource_types]
    besides = [state.running_besides[one] for one in resource_types if one in state.running_besides]
    return Running(
        quantity=len(known) + sum(one.quantity for one in besides),
        hourly_cost=sum(one.hourly_cost or 0.0 for one in known) + sum(one.hourly_cost for one in besides),
    )


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

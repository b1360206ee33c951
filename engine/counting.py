"""What of a resource the gauges hold: noted on the resource itself, so that just that is taken off when it ends."""

from collections.abc import Iterator

import msgspec

from engine import runs
from engine.account_state import AccountState, Changes
from engine.baselines.gauges import note_ended, note_running, thousandths
from engine.models.cost_event import Change, CostEvent
from engine.models.resource import Counted, Resource

_MOST_PARTS = 8


def count(growth: CostEvent, state: AccountState, changes: Changes) -> None:
    """Add a start or growth that is learned to what runs. What can never end by a record is not counted.

    >>> from engine.baselines.gauges import gauge_of
    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> runs.begin(launch(), state, changes, None)
    >>> count(launch(), state, changes)
    >>> gauge_of(state.baseline, "ci").running, state.resources["eu-west-1/ec2/i-1"].counted[0].amount
    (1000, 1000)
    """
    grown = runs.known_resources(growth, state)
    amount = thousandths(growth.hourly_cost)
    if not grown or not amount:
        return
    note_running(state.baseline, growth)
    for known, share in zip(grown, _shares(amount, len(grown)), strict=True):
        part = Counted(growth.actor.key, growth.resource_type, share)
        if not known.running:
            note_ended(state.baseline, part)
        elif share:
            _set_parts(known, _with_part(known.counted, part, state), state, changes)
    if growth.change is Change.MODIFY:
        trim(growth, state, changes)


def uncount(known: Resource, state: AccountState, changes: Changes) -> None:
    """Take off all that the gauges hold of something that ends.

    >>> from engine.baselines.gauges import gauge_of
    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> runs.begin(launch(), state, changes, None)
    >>> count(launch(), state, changes)
    >>> uncount(state.resources["eu-west-1/ec2/i-1"], state, changes)
    >>> gauge_of(state.baseline, "ci").running, state.resources["eu-west-1/ec2/i-1"].counted
    (0, ())
    """
    for part in known.counted:
        note_ended(state.baseline, part)
    if known.counted:
        _set_parts(known, (), state, changes)


def trim(event: CostEvent, state: AccountState, changes: Changes) -> None:
    """Hold no more of what was changed than it costs now: what came last goes first.

    >>> from engine.baselines.gauges import gauge_of
    >>> from engine.examples import launch, new_state
    >>> from engine.models.cost_event import Change
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> runs.begin(launch(), state, changes, None)
    >>> count(launch(), state, changes)
    >>> smaller = launch(change=Change.MODIFY, hourly_cost=0.25)
    >>> runs.begin(smaller, state, changes, None)
    >>> trim(smaller, state, changes)
    >>> gauge_of(state.baseline, "ci").running
    250
    """
    for known in runs.known_resources(event, state):
        held = sum(part.amount for part in known.counted)
        if known.hourly_cost is not None and held > thousandths(known.hourly_cost):
            _trim_one(known, held - thousandths(known.hourly_cost), state, changes)


def _trim_one(known: Resource, excess: int, state: AccountState, changes: Changes) -> None:
    left = list(known.counted)
    while excess > 0:
        last = left.pop()
        off = min(last.amount, excess)
        note_ended(state.baseline, msgspec.structs.replace(last, amount=off))
        if off < last.amount:
            left.append(msgspec.structs.replace(last, amount=last.amount - off))
        excess -= off
    _set_parts(known, tuple(left), state, changes)


def _shares(amount: int, count: int) -> Iterator[int]:
    """Split a whole number into whole shares that sum to it."""
    share, rest = divmod(amount, count)
    return (share + (number < rest) for number in range(count))


def _with_part(parts: tuple[Counted, ...], part: Counted, state: AccountState) -> tuple[Counted, ...]:
    """Add to the part of the same actor and type. A resource is small: of too many parts the oldest goes."""
    if not parts:
        return (part,)
    same = next((one for one in parts if _pair(one) == _pair(part)), None)
    if same is not None:
        part = msgspec.structs.replace(part, amount=same.amount + part.amount)
    others = tuple(one for one in parts if one is not same)
    if len(others) >= _MOST_PARTS:
        note_ended(state.baseline, others[0])
        others = others[1:]
    return (*others, part)


def _pair(part: Counted) -> tuple[str, str]:
    return part.actor_key, part.resource_type


def _set_parts(known: Resource, parts: tuple[Counted, ...], state: AccountState, changes: Changes) -> None:
    runs.remember(msgspec.structs.replace(known, counted=parts), state, changes)

"""Jobs end by themselves and no record says so. Each has a longest life; then at the latest it burns no more.

AWS's own limits are used where it has some: the job's timeout, or what AWS takes where the caller names none.
"""

import heapq
from collections.abc import Iterable
from datetime import datetime

from engine import burn
from engine.account_state import AccountState, Changes
from engine.baselines.lifetimes import unwatch
from engine.counting import uncount
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent
from engine.models.resource import Resource, plain_id, resource_key


def note_limit(event: CostEvent, state: AccountState) -> None:
    """Remember until when what has started can run at the longest.

    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> note_limit(launch(), state)
    >>> state.limits
    []
    """
    if event.ends_by is not None:
        for resource_id in event.resource_ids:
            heapq.heappush(state.limits, (event.ends_by, resource_key(event.region, event.service, resource_id)))


def end_reached(now: datetime, state: AccountState, changes: Changes) -> None:
    """End what has reached its limit since the account was loaded: the time of the records is the clock.

    >>> from engine.examples import MONDAY, new_state
    >>> state = new_state()
    >>> end_reached(MONDAY, state, Changes(baseline=state.baseline))
    """
    while state.limits and state.limits[0][0] <= now:
        _, key = heapq.heappop(state.limits)
        end_at_limit([key], now, state, changes)


def end_at_limit(keys: Iterable[str], now: datetime, state: AccountState, changes: Changes) -> None:
    """End those of the named resources that still run past their limit, each at its own.

    Nothing is learned of how long such things live: when it ended is not known.

    >>> from datetime import timedelta
    >>> from engine.examples import MONDAY, launch, new_state
    >>> from engine.runs import begin
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> begin(launch(ends_by=MONDAY + timedelta(hours=1)), state, changes, None)
    >>> end_at_limit(list(state.resources), MONDAY + timedelta(hours=3), state, changes)
    >>> (state.resources["eu-west-1/ec2/i-1"].stopped_at - MONDAY).total_seconds()
    3600.0
    """
    for key in keys:
        known = state.resources.get(key)
        if known is not None and known.running and known.ends_by is not None and known.ends_by <= now:
            _end(known, known.ends_by, state, changes)


def _end(known: Resource, at: datetime, state: AccountState, changes: Changes) -> None:
    uncount(known, state, changes)
    unwatch(state.baseline, {plain_id(known)})
    burn.end(_stop(known, at), state, changes)


def _stop(known: Resource, at: datetime) -> CostEvent:
    """The stop that no record told."""
    return CostEvent(
        event_id="",
        account_id=known.account_id,
        event_name="",
        event_time=at,
        region=known.region,
        service=known.service,
        resource_type=known.resource_type,
        resource_ids=(plain_id(known),),
        quantity=1,
        actor=Actor(known.actor_key, ActorKind.UNKNOWN, ""),
        change=Change.STOP,
    )

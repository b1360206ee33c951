"""The short way of what nearly every record is: something cheap and new starts, or what ran in peace ends.

It leads where the long way of `engine.pipeline` leads, in a third of the steps: one thing is looked up once and written
down once, and nothing is asked whose answer cannot matter. Whatever might be more than that takes the long way.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from engine.account_state import AccountState, Changes
from engine.baselines.activity import forget_recent, note_start
from engine.baselines.gauges import note_ended, note_running, thousandths
from engine.baselines.learn import shift
from engine.baselines.lifetimes import note_lifetime, overdue, unwatch
from engine.baselines.observe import has_room, note_event
from engine.limits import note_limit
from engine.look import look
from engine.models.cost_event import Change, CostEvent
from engine.models.resource import Counted, Resource, resource_key
from engine.pricing.estimate import Prices, estimate
from engine.resolution import says_all
from engine.runs import remember, resource_of
from engine.scoring.harmless import is_harmless

_HOUR = timedelta(hours=1)


def live_in_peace(record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices) -> bool:
    """Write down what a record did and what it teaches, if there surely is nothing to tell; else change nothing.

    The first launch in a Region takes the long way, and so does all that many records are not.

    >>> from engine.examples import FlatPrices, launch, new_state
    >>> state = new_state()
    >>> state.baseline.regions["eu-west-1"] = 1
    >>> changes = Changes(baseline=state.baseline)
    >>> live_in_peace([launch(hourly_cost=0.1, usage=())], state, changes, FlatPrices())
    False
    >>> live_in_peace([launch(change=Change.STOP)], state, changes, FlatPrices())
    False
    """
    if len(record) != 1:
        return False
    (event,) = record
    if len(event.resource_ids) != 1 or event.group or _is_something_due(event.event_time, state):
        return False
    key = resource_key(event.region, event.service, event.resource_ids[0])
    known = state.resources.get(key)
    if event.change is Change.START and known is None:
        return _started(event, key, state, changes, prices)
    if event.change is Change.STOP and known is not None:
        return _ended(event, known, state, changes)
    return False


def _is_something_due(now: datetime, state: AccountState) -> bool:
    """Whether time has come for what no record tells: ends at a limit, ends that are missed, forgetting."""
    baseline = state.baseline
    return (
        (now.toordinal() > baseline.evicted_day and not has_room(baseline))
        or bool(state.limits and state.limits[0][0] <= now)
        or bool(baseline.watched and overdue(baseline, now))
    )


def _started(event: CostEvent, key: str, state: AccountState, changes: Changes, prices: Prices) -> bool:
    """Something that was never seen before, in a Region that was, too cheap for whatever its actor did to matter."""
    baseline = state.baseline
    if event.region not in baseline.regions or not event.quantity or not says_all(event):
        return False
    if state.expectations or state.account.sensitivities or state.anomalies.of_actor(event.actor.key):
        return False
    event = estimate(event, prices)
    if event.hourly_cost is None or not is_harmless(event, baseline, event.hourly_cost):
        return False
    if changes.scored is not None:
        changes.scored.append(look(event, baseline, event.hourly_cost))
    changes.cost_events.append(event)
    note_event(baseline, event)
    note_limit(event, state)
    shift(baseline, event, 1)
    note_start(baseline, event, told=False)
    counted: tuple[Counted, ...] = ()
    if amount := thousandths(event.hourly_cost):
        note_running(baseline, event)
        counted = (Counted(event.actor.key, event.resource_type, amount),)
    remember(resource_of(event, key, counted=counted), state, changes)
    return True


def _ended(event: CostEvent, known: Resource, state: AccountState, changes: Changes) -> bool:
    """The end of a run that belongs to no incident."""
    now, ids, cost = event.event_time, event.resource_ids, known.hourly_cost
    if not known.running or known.anomaly_id or now < known.since or event.usage:
        return False
    told = replace(event, resource_type=known.resource_type, labels=known.labels, quantity=1)
    changes.cost_events.append(told if cost is None else replace(told, hourly_cost=cost))
    note_event(state.baseline, event)
    for part in known.counted:
        note_ended(state.baseline, part)
    age = now - known.since
    note_lifetime(state.baseline, known.actor_key, known.resource_type, age / _HOUR)
    unwatch(state.baseline, ids)
    if age <= _HOUR:
        forget_recent(state.baseline, ids)
    remember(replace(known, running=False, stopped_at=now, stop_missed=False, counted=()), state, changes)
    return True

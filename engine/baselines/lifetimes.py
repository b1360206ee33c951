"""How long what an actor starts usually lives, and what should have ended by now."""

import bisect
from collections.abc import Collection
from datetime import datetime

from engine.baselines.learn import MOST_PAIRS
from engine.baselines.levels import level_of, quantile, shift_level, upper_end
from engine.baselines.model import Baseline, Watched, pair_key
from engine.baselines.rates import OVERRUN_FACTOR, OVERRUN_KNOWN, OVERRUN_LEAST_HOURS, OVERRUN_LEAST_USD
from engine.models.cost_event import CostEvent

_MOST_WATCHED = 50
_MOSTLY = 0.95
_SECONDS = 3600


def note_lifetime(baseline: Baseline, actor_key: str, resource_type: str, hours: float) -> None:
    """Count how long something lived.

    >>> known = Baseline(account_id="1")
    >>> note_lifetime(known, "ci", "m5.large", 1.0)
    >>> usual_hours(known, "ci", "m5.large") is None
    True
    """
    shift_level(baseline.lifetimes, pair_key(actor_key, resource_type), level_of(hours), 1, MOST_PAIRS)


def usual_hours(baseline: Baseline, actor_key: str, resource_type: str) -> float | None:
    """Hours within which nineteen of twenty ended, None where too few ends were seen to say.

    >>> usual_hours(Baseline(account_id="1"), "ci", "m5.large") is None
    True
    """
    counts = baseline.lifetimes.get(pair_key(actor_key, resource_type), ())
    return upper_end(quantile(counts, _MOSTLY)) if sum(counts) >= OVERRUN_KNOWN else None


def watch(baseline: Baseline, event: CostEvent) -> None:
    """Watch for the end of a dear launch whose like usually ends; the cheapest goes when there are too many.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> watch(known, launch())
    >>> known.watched
    []
    """
    if (event.hourly_cost or 0.0) < OVERRUN_LEAST_USD or not event.resource_ids:
        return
    usual = usual_hours(baseline, event.actor.key, event.resource_type)
    if usual is None:
        return
    allowed = max(OVERRUN_FACTOR * usual, OVERRUN_LEAST_HOURS)
    due = int(event.event_time.timestamp() + allowed * _SECONDS)
    bisect.insort(baseline.watched, Watched(due, usual, event), key=lambda one: one.due)
    if len(baseline.watched) > _MOST_WATCHED:
        baseline.watched.remove(min(baseline.watched, key=lambda one: one.event.hourly_cost or 0.0))


def unwatch(baseline: Baseline, ended_ids: Collection[str]) -> None:
    """What has ended, if only in part, needs no watching: somebody looks after it.

    >>> unwatch(Baseline(account_id="1"), {"i-1"})
    """
    if baseline.watched:
        baseline.watched = [one for one in baseline.watched if not any(i in ended_ids for i in one.event.resource_ids)]


def take_overdue(baseline: Baseline, now: datetime) -> list[Watched]:
    """Give what should have ended by now, each once. There is no timer: the account's next record asks.

    >>> from engine.examples import MONDAY
    >>> take_overdue(Baseline(account_id="1"), MONDAY)
    []
    """
    late = overdue(baseline, now)
    if late:
        baseline.watched = baseline.watched[len(late) :]
    return late


def overdue(baseline: Baseline, now: datetime) -> list[Watched]:
    """What should have ended by now and was not taken yet.

    >>> from engine.examples import MONDAY
    >>> overdue(Baseline(account_id="1"), MONDAY)
    []
    """
    if not baseline.watched or baseline.watched[0].due > now.timestamp():
        return []
    return baseline.watched[: bisect.bisect_right(baseline.watched, now.timestamp(), key=lambda one: one.due)]

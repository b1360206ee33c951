"""What every record tells about an account, whether or not it is learned from: its age, and room for what is new."""

import copy
from itertools import islice
from typing import TypeVar

from engine.baselines.learn import MOST_ACTORS, MOST_PAIRS, MOST_REGIONS, MOST_TYPES
from engine.baselines.model import Baseline, Cell
from engine.models.cost_event import CostEvent

_FULL = 0.9
_KEPT = 0.7
_Value = TypeVar("_Value")


def observe(baseline: Baseline, event: CostEvent) -> Baseline:
    """Count a cost event of any kind towards the account's age; the old baseline stays as it was.

    >>> from engine.examples import launch
    >>> observe(Baseline(account_id="1"), launch()).events
    1
    """
    observed = copy.copy(baseline)
    note_event(observed, event)
    return observed


def note_event(baseline: Baseline, event: CostEvent) -> None:
    """Count a cost event in place, and make room once a day.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_event(known, launch())
    >>> known.events
    1
    """
    now = event.event_time
    baseline.events += 1
    if baseline.first_event_time is None or now < baseline.first_event_time:
        baseline.first_event_time = now
    if baseline.last_event_time is None or now > baseline.last_event_time:
        baseline.last_event_time = now
        day = now.toordinal()
        if day > baseline.evicted_day:
            baseline.evicted_day = day
            _make_room(baseline)


def has_room(baseline: Baseline) -> bool:
    """Whether no table is nearly full, so that making room forgets nothing.

    >>> has_room(Baseline(account_id="1"))
    True
    """
    tables = (
        (baseline.types, MOST_TYPES),
        (baseline.pairs, MOST_PAIRS),
        (baseline.actors, MOST_ACTORS),
        (baseline.regions, MOST_REGIONS),
        (baseline.levels, MOST_ACTORS),
        (baseline.activities, MOST_ACTORS),
        (baseline.gauges, MOST_PAIRS),
        (baseline.told, MOST_TYPES),
        (baseline.alerted, MOST_PAIRS),
        (baseline.lifetimes, MOST_PAIRS),
    )
    return all(len(table) <= int(_FULL * most) for table, most in tables)


def _make_room(baseline: Baseline) -> None:
    """Forget what was seen least in tables that are nearly full; everything else would stay new for ever."""
    if has_room(baseline):
        return
    baseline.types = _without_rarest(baseline.types, MOST_TYPES)
    baseline.pairs = _without_rarest(baseline.pairs, MOST_PAIRS)
    baseline.actors = _without_rarest(baseline.actors, MOST_ACTORS)
    baseline.regions = _without_rarest(baseline.regions, MOST_REGIONS)
    if len(baseline.levels) > _FULL * MOST_ACTORS:
        baseline.levels = _of_actors(baseline.levels, baseline)
        baseline.unit_levels = _of_actors(baseline.unit_levels, baseline)
    if len(baseline.activities) > _FULL * MOST_ACTORS:
        latest = sorted(baseline.activities, key=lambda key: (-baseline.activities[key].at, key))
        baseline.activities = {key: baseline.activities[key] for key in sorted(latest[: int(_KEPT * MOST_ACTORS)])}
    if len(baseline.gauges) > _FULL * MOST_PAIRS:
        latest = sorted(baseline.gauges, key=lambda key: (-baseline.gauges[key].day, key))
        baseline.gauges = {key: baseline.gauges[key] for key in sorted(latest[: int(_KEPT * MOST_PAIRS)])}
    baseline.told = _newest(baseline.told, MOST_TYPES)
    baseline.alerted = _newest(baseline.alerted, MOST_PAIRS)
    baseline.lifetimes = _newest(baseline.lifetimes, MOST_PAIRS)


def _newest(table: dict[str, _Value], most: int) -> dict[str, _Value]:
    """The entries made last; a dictionary keeps the order in which they were made."""
    excess = len(table) - int(_FULL * most)
    return table if excess <= 0 else dict(islice(table.items(), excess, None))


def _of_actors(levels: dict[str, _Value], baseline: Baseline) -> dict[str, _Value]:
    return {key: counts for key, counts in levels.items() if not key or key in baseline.actors}


def _without_rarest(table: dict[str, _Value], most: int) -> dict[str, _Value]:
    if len(table) <= _FULL * most:
        return table
    often = sorted(table, key=lambda key: (-_count(table[key]), key))
    kept = set(often[: int(_KEPT * most)])
    return {key: value for key, value in table.items() if key in kept}


def _count(value: object) -> int:
    return value.count if isinstance(value, Cell) else value if isinstance(value, int) else 0

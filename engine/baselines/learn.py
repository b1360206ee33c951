"""Learning, and taking back what was learned, exactly."""

import copy
import math
from functools import lru_cache

from engine.baselines.levels import level_of, shift_level
from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.cost_event import CostEvent

_THOUSANDTHS = 1000
_LEAST_COST = 1e-4
_EVERYBODY = ""
# A baseline is one document of at most 16 MB. What comes when a table is full stays new until room is made.
MOST_ACTORS = 2_000
MOST_TYPES = 2_000
MOST_PAIRS = 8_000
MOST_REGIONS = 200


def log_cost(hourly_cost: float) -> float:
    """``ln(USD per hour)``, with what is free or nearly so taken as a hundredth of a cent.

    >>> log_cost(1.0)
    0.0
    """
    return math.log(max(hourly_cost, _LEAST_COST))


def learn(baseline: Baseline, event: CostEvent) -> Baseline:
    """Give the baseline that has also seen this start or growth; the old one stays as it was.

    >>> from engine.examples import launch
    >>> learned = learn(Baseline(account_id="1"), launch())
    >>> learned.types["m5.large"].count, unlearn(learned, launch()).types
    (1, {})
    """
    learned = _copied(baseline)
    shift(learned, event, 1)
    return learned


def unlearn(baseline: Baseline, event: CostEvent) -> Baseline:
    """Take one learned event back, to the last bit; that it was observed stays, for the record was there.

    >>> from engine.examples import launch
    >>> unlearn(learn(Baseline(account_id="1"), launch()), launch()) == Baseline(account_id="1")
    True
    """
    unlearned = _copied(baseline)
    shift(unlearned, event, -1)
    return unlearned


def _copied(baseline: Baseline) -> Baseline:
    """A copy of all that learning changes."""
    copied = copy.copy(baseline)
    copied.types, copied.pairs = dict(baseline.types), dict(baseline.pairs)
    copied.actors, copied.regions = dict(baseline.actors), dict(baseline.regions)
    copied.levels = {key: list(counts) for key, counts in baseline.levels.items()}
    copied.unit_levels = {key: list(counts) for key, counts in baseline.unit_levels.items()}
    return copied


def shift(baseline: Baseline, event: CostEvent, sign: int) -> None:
    """Learn (1) or take back (-1) in place: what a batch does to its working copy, in time that does not grow with it.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> shift(known, launch(), 1)
    >>> known.launches
    1
    """
    actor = event.actor.key
    cost = event.hourly_cost
    value = None if cost is None else _log_thousandths(cost)
    baseline.launches += sign
    _shift_cell(baseline.types, event.resource_type, value, sign, MOST_TYPES)
    _shift_cell(baseline.pairs, pair_key(actor, event.resource_type), value, sign, MOST_PAIRS)
    _shift_count(baseline.actors, actor, sign, MOST_ACTORS)
    _shift_count(baseline.regions, event.region, sign, MOST_REGIONS)
    if cost is not None:
        level = level_of(cost)
        unit_level = level_of(cost / (event.quantity or 1))
        for key in (actor, _EVERYBODY):
            shift_level(baseline.levels, key, level, sign, MOST_ACTORS)
            shift_level(baseline.unit_levels, key, unit_level, sign, MOST_ACTORS)


# The same few prices come again and again, here and in `level_of`.
@lru_cache(4096)
def _log_thousandths(hourly_cost: float) -> int:
    return round(log_cost(hourly_cost) * _THOUSANDTHS)


def _shift_cell(cells: dict[str, Cell], key: str, value: int | None, sign: int, most: int) -> None:
    """Change one cell; one that saw nothing any more is gone. An unknown price (None) says nothing of cost."""
    old = cells.get(key)
    if old is None:
        if sign < 0 or len(cells) >= most:
            return
        old = _NOTHING
    if old.count + sign <= 0:
        del cells[key]
    elif value is None:
        cells[key] = Cell(old.count + sign, old.priced, old.log_sum, old.log_square_sum)
    else:
        squares = old.log_square_sum + sign * value * value
        cells[key] = Cell(old.count + sign, old.priced + sign, old.log_sum + sign * value, squares)


_NOTHING = Cell()


def _shift_count(counts: dict[str, int], key: str, sign: int, most: int) -> None:
    seen = counts.get(key, 0)
    if not seen and (sign < 0 or len(counts) >= most):
        return
    if seen + sign > 0:
        counts[key] = seen + sign
    else:
        counts.pop(key, None)

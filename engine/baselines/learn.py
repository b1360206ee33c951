"""Learning, and taking back what was learned, exactly."""

import math

import msgspec

from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.cost_event import CostEvent

_THOUSANDTHS = 1000
_LEAST_COST = 1e-4
# A baseline is one document of at most 16 MB; what comes after so many actors and types stays new.
_MOST_KEYS = 20_000


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
    return _shift(baseline, event, 1)


def unlearn(baseline: Baseline, event: CostEvent) -> Baseline:
    """Take one learned event back, to the last bit; that it was observed stays, for the record was there.

    >>> from engine.examples import launch
    >>> unlearn(learn(Baseline(account_id="1"), launch()), launch()) == Baseline(account_id="1")
    True
    """
    return _shift(baseline, event, -1)


def observe(baseline: Baseline, event: CostEvent) -> Baseline:
    """Count a cost event of any kind towards the account's age, whether or not it is learned from.

    >>> from engine.examples import launch
    >>> observe(Baseline(account_id="1"), launch()).events
    1
    """
    first, last = baseline.first_event_time, baseline.last_event_time
    return msgspec.structs.replace(
        baseline,
        events=baseline.events + 1,
        first_event_time=min(first or event.event_time, event.event_time),
        last_event_time=max(last or event.event_time, event.event_time),
    )


def _shift(baseline: Baseline, event: CostEvent, sign: int) -> Baseline:
    cell = _observation(event.hourly_cost, sign)
    pair = pair_key(event.actor.key, event.resource_type)
    return msgspec.structs.replace(
        baseline,
        launches=baseline.launches + sign,
        types=_with_cell(baseline.types, event.resource_type, cell),
        pairs=_with_cell(baseline.pairs, pair, cell),
        actors=_with_count(baseline.actors, event.actor.key, sign),
        regions=_with_count(baseline.regions, event.region, sign),
    )


def _observation(hourly_cost: float | None, sign: int) -> Cell:
    """A launch of unknown price is seen, but says nothing of cost."""
    if hourly_cost is None:
        return Cell(count=sign)
    value = round(log_cost(hourly_cost) * _THOUSANDTHS)
    return Cell(count=sign, priced=sign, log_sum=sign * value, log_square_sum=sign * value * value)


def _add(a: Cell, b: Cell) -> Cell:
    return Cell(
        count=a.count + b.count,
        priced=a.priced + b.priced,
        log_sum=a.log_sum + b.log_sum,
        log_square_sum=a.log_square_sum + b.log_square_sum,
    )


def _with_cell(cells: dict[str, Cell], key: str, change: Cell) -> dict[str, Cell]:
    """Copy with one cell changed; a cell that saw nothing any more is gone."""
    if key not in cells and len(cells) >= _MOST_KEYS:
        return cells
    changed = _add(cells.get(key, Cell()), change)
    if changed.count > 0:
        return {**cells, key: changed}
    return {other: cell for other, cell in cells.items() if other != key}


def _with_count(counts: dict[str, int], key: str, change: int) -> dict[str, int]:
    if key not in counts and len(counts) >= _MOST_KEYS:
        return counts
    changed = counts.get(key, 0) + change
    if changed > 0:
        return {**counts, key: changed}
    return {other: count for other, count in counts.items() if other != key}

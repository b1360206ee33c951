"""How far a launch's cost is from what is usual: a z-score on the logarithm, shrunk where little is known."""

import math

import msgspec

from engine.baselines.learn import log_cost
from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.cost_event import CostEvent
from engine.scoring.thresholds import PRIOR_DEVIATION, PRIOR_STRENGTH, Z_CLIP

_THOUSANDTHS = 1000.0


class Deviation(msgspec.Struct, frozen=True):
    """``z_score`` in standard deviations of ln(USD per hour), clipped to +-8; ``usual_cost`` in USD per hour."""

    z_score: float
    usual_cost: float


def deviation(event: CostEvent, baseline: Baseline) -> Deviation | None:
    """Compare with this actor's launches of the type, leaning on everybody's of the type while those are few.

    None when the event has no known price or the type was never started.

    >>> from engine.baselines.learn import learn
    >>> from engine.examples import launch
    >>> deviation(launch(), learn(Baseline(account_id="1"), launch()))
    Deviation(z_score=0.0, usual_cost=1.0)
    """
    of_type = baseline.types.get(event.resource_type)
    if event.hourly_cost is None or of_type is None or of_type.priced == 0:
        return None
    mean = of_type.log_sum / of_type.priced / _THOUSANDTHS
    spread = _spread(of_type, mean)
    of_pair = baseline.pairs.get(pair_key(event.actor.key, event.resource_type))
    if of_pair is not None and of_pair.priced:
        weight = of_pair.priced / (of_pair.priced + PRIOR_STRENGTH)
        mean = weight * (of_pair.log_sum / of_pair.priced / _THOUSANDTHS) + (1 - weight) * mean
        spread = _spread(of_pair, mean)
    z_score = (log_cost(event.hourly_cost) - mean) / spread
    return Deviation(max(-Z_CLIP, min(Z_CLIP, z_score)), math.exp(mean))


def _spread(cell: Cell, mean: float) -> float:
    """Standard deviation about ``mean``, as if a few observations of the prior deviation had been seen before."""
    squares = cell.log_square_sum / _THOUSANDTHS**2 - 2 * mean * cell.log_sum / _THOUSANDTHS + cell.priced * mean**2
    prior = PRIOR_STRENGTH * PRIOR_DEVIATION**2
    return math.sqrt((max(0.0, squares) + prior) / (cell.priced + PRIOR_STRENGTH))

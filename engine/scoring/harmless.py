"""A look that spares scoring: nearly every launch is too cheap to be an anomaly, however unusual it may be."""

import math

from engine.baselines.model import Baseline
from engine.models.cost_event import CostEvent
from engine.scoring.burst import is_calm
from engine.scoring.creep import is_steady
from engine.scoring.thresholds import ANOMALOUS, COST_CLIP, COST_WEIGHT, NOVELTY_CLIP, NOVELTY_WEIGHTS, POINT_THRESHOLD

_MOST_SURPRISE = COST_WEIGHT * COST_CLIP + sum(NOVELTY_WEIGHTS.values()) * NOVELTY_CLIP
_ROUNDED = 1e-6
HARMLESS_USD = math.expm1((1.0 - _ROUNDED) * ANOMALOUS * POINT_THRESHOLD / _MOST_SURPRISE)


def is_harmless(event: CostEvent, baseline: Baseline, launch_cost: float) -> bool:
    """Whether ``score`` surely stays under ``ANOMALOUS`` at medium sensitivity; False says nothing.

    All that can be surprising about one launch is bounded, and so is the score of what costs little; beyond that only
    its actor's last hour and what runs of its type count. ``launch_cost`` is USD an hour of all that the same record
    started.

    >>> from engine.examples import launch
    >>> is_harmless(launch(hourly_cost=0.1), Baseline(account_id="1"), 0.1)
    True
    >>> is_harmless(launch(hourly_cost=9.0), Baseline(account_id="1"), 9.0)
    False
    """
    cost = event.hourly_cost
    if cost is None or max(cost, launch_cost) > HARMLESS_USD or event.is_commitment:
        return False
    return is_calm(event, baseline) and is_steady(event, baseline)

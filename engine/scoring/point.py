"""The point channel: surprise times money for a single launch."""

import math

from engine.baselines.model import Baseline, Cell, Told, pair_key
from engine.models.cost_event import CostEvent
from engine.scoring.novelty import novelty
from engine.scoring.surprise import cost_surprise
from engine.scoring.thresholds import COST_WEIGHT, NOVELTY_WEIGHTS, POINT_THRESHOLD, UNKNOWN_PRICE_USD

_UNSEEN = Cell()
_TYPE, _ACTOR, _REGION, _PAIR = (NOVELTY_WEIGHTS[name] for name in ("type", "actor", "region", "pair"))

Weighed = tuple[tuple[str, float], ...]


def point(event: CostEvent, baseline: Baseline, launch_cost: float | None, told: Told) -> Weighed:
    """Everything that is unusual with its contribution; they add up to the channel's score.

    ``launch_cost`` is USD an hour of all that the same record started, None where not known.

    >>> from engine.examples import launch
    >>> [name for name, _ in point(launch(), Baseline(account_id="1"), 1.0, Told())]
    ['cost', 'type', 'actor', 'region', 'pair']
    """
    scale = impact(launch_cost) / POINT_THRESHOLD
    total, kind, actor = baseline.launches, event.resource_type, event.actor.key
    by_actor = baseline.actors.get(actor, 0)
    pair = baseline.pairs.get(pair_key(actor, kind), _UNSEEN)
    surprise = 0.0 if launch_cost is None else cost_surprise(event, launch_cost, baseline, told)
    return (
        ("cost", COST_WEIGHT * surprise * scale),
        ("type", _TYPE * novelty(baseline.types.get(kind, _UNSEEN).count, total) * scale),
        ("actor", _ACTOR * novelty(by_actor, total) * scale),
        ("region", _REGION * novelty(baseline.regions.get(event.region, 0), total) * scale),
        ("pair", _PAIR * novelty(pair.count, by_actor) * scale),
    )


def impact(hourly_cost: float | None) -> float:
    """What makes money matter: ``ln(1 + USD per hour)``. An unknown price counts as twice a warning's.

    >>> impact(0.0)
    0.0
    """
    return math.log1p(UNKNOWN_PRICE_USD if hourly_cost is None else hourly_cost)

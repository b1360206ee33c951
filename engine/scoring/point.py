"""The point channel: surprise times money for a single launch."""

import math

from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.cost_event import CostEvent
from engine.scoring import sentences
from engine.scoring.channel import Reason
from engine.scoring.novelty import novelty
from engine.scoring.surprise import cost_surprise
from engine.scoring.thresholds import (
    COST_WEIGHT,
    NOVELTY_WEIGHTS,
    POINT_THRESHOLD,
    WARNING_FLOOR,
)

_NEGLIGIBLE = 0.01
_UNSEEN = Cell()


def point(event: CostEvent, baseline: Baseline, launch_cost: float | None) -> list[Reason]:
    """One reason for each thing that is unusual; contributions add up to the channel's score.

    ``launch_cost`` is USD an hour of everything the same record started, None where not known.

    >>> from engine.examples import launch
    >>> [reason.name for reason in point(launch(), Baseline(account_id="1"), 1.0)]
    ['cost', 'type', 'actor', 'region', 'pair']
    """
    scale = impact(launch_cost) / POINT_THRESHOLD
    known = launch_cost is not None
    surprise = COST_WEIGHT * cost_surprise(event, launch_cost, baseline) if launch_cost is not None else 0.0
    weighed = (("cost", surprise), *_novelties(event, baseline)) if known else _novelties(event, baseline)
    return [
        Reason(name, value * scale, sentences.of_point(name, event, baseline, launch_cost))
        for name, value in weighed
        if value * scale >= _NEGLIGIBLE
    ]


def impact(hourly_cost: float | None) -> float:
    """What makes money matter: ``ln(1 + USD per hour)``. An unknown price counts as just enough for a warning.

    >>> impact(0.0)
    0.0
    """
    return math.log1p(WARNING_FLOOR if hourly_cost is None else hourly_cost)


def _novelties(event: CostEvent, baseline: Baseline) -> tuple[tuple[str, float], ...]:
    """Novelty of type, actor, Region, and of this actor starting this type, each by its weight."""
    total, kind, actor = baseline.launches, event.resource_type, event.actor.key
    by_actor = baseline.actors.get(actor, 0)
    pair = baseline.pairs.get(pair_key(actor, kind), _UNSEEN)
    return (
        ("type", NOVELTY_WEIGHTS["type"] * novelty(baseline.types.get(kind, _UNSEEN).count, total)),
        ("actor", NOVELTY_WEIGHTS["actor"] * novelty(by_actor, total)),
        ("region", NOVELTY_WEIGHTS["region"] * novelty(baseline.regions.get(event.region, 0), total)),
        ("pair", NOVELTY_WEIGHTS["pair"] * novelty(pair.count, by_actor)),
    )

"""The point channel: surprise times money for a single launch."""

import math

from engine.baselines.model import Baseline, Cell, pair_key
from engine.models.anomaly import Signal
from engine.models.cost_event import CostEvent
from engine.scoring import sentences
from engine.scoring.deviation import Deviation
from engine.scoring.novelty import novelty
from engine.scoring.thresholds import NOVELTY_WEIGHTS, POINT_THRESHOLD, WARNING_FLOOR

_NEGLIGIBLE = 0.01


def point_signals(event: CostEvent, baseline: Baseline, deviation: Deviation | None) -> list[Signal]:
    """One signal for each thing that is unusual; contributions add up to the channel's score.

    >>> from engine.examples import launch
    >>> [signal.name for signal in point_signals(launch(), Baseline(account_id="1"), None)]
    ['type', 'actor', 'region', 'pair']
    """
    scale = impact(event.hourly_cost) / POINT_THRESHOLD
    weighed = [
        ("cost", max(0.0, deviation.z_score) if deviation else 0.0),
        *((name, NOVELTY_WEIGHTS[name] * surprise) for name, surprise in _surprises(event, baseline).items()),
    ]
    return [
        Signal(name, surprise * scale, sentences.explain(name, event, baseline, deviation))
        for name, surprise in weighed
        if surprise * scale >= _NEGLIGIBLE
    ]


def impact(hourly_cost: float | None) -> float:
    """What makes money matter: ``ln(1 + USD per hour)``. An unknown price counts as just enough for a warning.

    >>> impact(0.0)
    0.0
    """
    return math.log1p(WARNING_FLOOR if hourly_cost is None else hourly_cost)


def _surprises(event: CostEvent, baseline: Baseline) -> dict[str, float]:
    """Novelty of type, actor, Region, and of this actor starting this type."""
    total = baseline.launches
    by_actor = baseline.actors.get(event.actor.key, 0)
    pair = baseline.pairs.get(pair_key(event.actor.key, event.resource_type), Cell())
    return {
        "type": novelty(baseline.types.get(event.resource_type, Cell()).count, total),
        "actor": novelty(by_actor, total),
        "region": novelty(baseline.regions.get(event.region, 0), total),
        "pair": novelty(pair.count, by_actor),
    }

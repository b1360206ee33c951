"""How unlikely a launch of this size is, by all that its actor and its account ever did."""

import math

from engine.baselines.levels import level_of, seen_near
from engine.baselines.model import Baseline
from engine.models.cost_event import CostEvent
from engine.scoring.thresholds import COST_CLIP, PRIOR_STRENGTH

_EVERYBODY = ""
_NONE: list[int] = []
_LEAST = 0.05


def cost_surprise(event: CostEvent, launch_cost: float, baseline: Baseline) -> float:
    """Surprise in nats at what the launch costs in all, or at what a single resource of it costs, whichever is more.

    An actor of few launches is taken for one like the others in the account.

    >>> from engine.baselines.learn import learn
    >>> from engine.examples import launch
    >>> known = learn(Baseline(account_id="1"), launch())
    >>> cost_surprise(launch(), 1.0, known) < cost_surprise(launch(hourly_cost=50.0), 50.0, known)
    True
    """
    single = (event.hourly_cost or 0.0) / (event.quantity or 1)
    actor = event.actor.key
    of_launch = _surprise(baseline.levels, actor, level_of(launch_cost))
    of_single = _surprise(baseline.unit_levels, actor, level_of(single))
    return max(of_launch, of_single)


def _surprise(levels: dict[str, list[int]], actor: str, level: int) -> float:
    everybody = levels.get(_EVERYBODY, _NONE)
    own = levels.get(actor, _NONE)
    of_account = _rareness(everybody, level)
    if not own:
        return of_account
    count = sum(own)
    weight = count / (count + PRIOR_STRENGTH)
    return weight * _rareness(own, level) + (1.0 - weight) * of_account


def _rareness(counts: list[int], level: int) -> float:
    """The logarithm grows with experience; the division forgets it with every time something as large was seen."""
    seen = seen_near(counts, level)
    rare = math.log((sum(counts) + 3.0) / (seen + _LEAST)) / (1.0 + seen)
    return min(COST_CLIP, max(0.0, rare))

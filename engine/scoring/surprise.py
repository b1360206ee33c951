"""How unlikely a launch of this size is, by all that its actor and its account ever did."""

import math

from engine.baselines.levels import level_of, seen_near
from engine.baselines.model import Baseline, Told
from engine.baselines.rates import LEVEL_FADE
from engine.models.cost_event import CostEvent
from engine.scoring.thresholds import COST_CLIP, OFTEN, PRIOR_STRENGTH

_EVERYBODY = ""
_NONE: list[int] = []
_LEAST = 0.05
_THOUSANDTHS = 1000


def cost_surprise(event: CostEvent, launch_cost: float, baseline: Baseline, told: Told) -> float:
    """Surprise in nats at what the launch costs in all, or at what a single resource of it costs, whichever is more.

    An actor of few launches is taken for one like the others in the account.

    >>> from engine.baselines.learn import learn
    >>> from engine.examples import launch
    >>> known = learn(Baseline(account_id="1"), launch())
    >>> usual, dear = launch(), launch(hourly_cost=50.0)
    >>> cost_surprise(usual, 1.0, known, Told()) < cost_surprise(dear, 50.0, known, Told())
    True
    """
    single = (event.hourly_cost or 0.0) / (event.quantity or 1)
    actor, count = event.actor.key, baseline.actors.get(event.actor.key, 0)
    weight = count / (count + PRIOR_STRENGTH)
    highest = 0.0
    for levels, amount in ((baseline.levels, launch_cost), (baseline.unit_levels, single)):
        level = level_of(amount)
        known = _told_near(told, level)
        surprise = weight * _rareness(levels.get(actor, _NONE), count, level, known) if count else 0.0
        if weight < 1.0:
            of_account = _rareness(levels.get(_EVERYBODY, _NONE), baseline.launches, level, known)
            surprise += (1.0 - weight) * of_account
        highest = max(highest, surprise)
    return highest


def _told_near(told: Told, level: int) -> float:
    """Cards are experience too, though nothing of them is learned: that it happens is known."""
    if not told.days:
        return 0.0
    beyond = level - 1 - level_of(told.most / _THOUSANDTHS)
    return float(told.days * LEVEL_FADE ** max(0, beyond))


def _rareness(counts: list[int], total: int, level: int, told: float) -> float:
    """The logarithm grows with experience; the division forgets it with every time something as large was seen."""
    seen = seen_near(counts, level) + told
    if seen > OFTEN:
        return 0.0
    rare = math.log((total + 3.0) / (seen + _LEAST)) / (1.0 + seen)
    return min(COST_CLIP, max(0.0, rare))

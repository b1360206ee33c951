"""The running burn gauge: what runs of a type an actor started, against the most that ran on any day before."""

import math

from engine.baselines.gauges import gauge_of
from engine.baselines.model import Baseline, Told
from engine.models.cost_event import CostEvent
from engine.scoring.ordinary import ordinary_cost
from engine.scoring.thresholds import CREEP_ACTOR_SHARE, CREEP_HEADROOM, CREEP_LEAST_USD, CREEP_THRESHOLD

_THOUSANDTHS = 1000


def is_steady(event: CostEvent, baseline: Baseline) -> bool:
    """Whether ``creep`` is surely 0.0: hardly anything ran before, or no more than usually does.

    >>> from engine.examples import launch
    >>> is_steady(launch(), Baseline(account_id="1"))
    True
    """
    gauge = gauge_of(baseline, event.actor.key, event.resource_type)
    before = gauge.running / _THOUSANDTHS
    allowed = CREEP_HEADROOM * gauge.usual / _THOUSANDTHS + CREEP_LEAST_USD
    return before < CREEP_LEAST_USD or before + (event.hourly_cost or 0.0) <= allowed


def creep(event: CostEvent, baseline: Baseline, told: Told) -> float:
    """Doublings of running dollars an hour beyond what is usual for this actor and type.

    What people were told of before is allowed too, and a share of all that the actor usually runs: whoever runs much
    may begin with something new. One large step is no creep: it counts for no more than what ran before.

    >>> from engine.baselines.gauges import note_running
    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> creep(launch(hourly_cost=50.0), known, Told())
    0.0
    >>> note_running(known, launch(hourly_cost=50.0))
    >>> creep(launch(), known, Told()) > 1.0
    True
    """
    gauge = gauge_of(baseline, event.actor.key, event.resource_type)
    before = gauge.running / _THOUSANDTHS
    allowed = (CREEP_HEADROOM * gauge.usual + told.most) / _THOUSANDTHS + CREEP_LEAST_USD
    running = min(before + (event.hourly_cost or 0.0), 2.0 * before)
    if before < CREEP_LEAST_USD or running <= allowed:
        return 0.0
    allowed += CREEP_ACTOR_SHARE * gauge_of(baseline, event.actor.key).usual / _THOUSANDTHS
    allowed += ordinary_cost(event, baseline)
    return math.log2(max(1.0, running / allowed)) / CREEP_THRESHOLD

"""The running burn gauge: what runs of a type an actor started, against the most that ran on any day before."""

import math

from engine.baselines.gauges import gauge_of
from engine.baselines.model import Baseline
from engine.models.cost_event import CostEvent
from engine.scoring import sentences
from engine.scoring.channel import Reason
from engine.scoring.ordinary import ordinary_cost
from engine.scoring.thresholds import CREEP_ACTOR_SHARE, CREEP_HEADROOM, CREEP_LEAST_USD, CREEP_THRESHOLD

_THOUSANDTHS = 1000


def creep(event: CostEvent, baseline: Baseline) -> Reason | None:
    """Doublings of running dollars an hour beyond what is usual for this actor and type.

    A share of all that the actor usually runs is allowed too: whoever runs much may begin with something new. One
    large step is no creep: it counts for no more than what ran before.

    >>> from engine.baselines.gauges import note_running
    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> creep(launch(hourly_cost=50.0), known) is None
    True
    >>> note_running(known, launch(hourly_cost=50.0))
    >>> creep(launch(), known).name
    'creep'
    """
    gauge = gauge_of(baseline, event.actor.key, event.resource_type)
    before = gauge.running / _THOUSANDTHS
    running = before + (event.hourly_cost or 0.0)
    if before < CREEP_LEAST_USD:
        return None
    usual = gauge.usual / _THOUSANDTHS
    of_actor = gauge_of(baseline, event.actor.key).usual / _THOUSANDTHS
    allowed = CREEP_HEADROOM * usual + CREEP_ACTOR_SHARE * of_actor + CREEP_LEAST_USD
    beyond = min(running, 2.0 * before) / (allowed + ordinary_cost(event, baseline))
    if beyond <= 1.0:
        return None
    return Reason("creep", math.log2(beyond) / CREEP_THRESHOLD, sentences.of_creep(event, running, usual))

"""The burst channel: one actor's last hour over all Regions, against the busiest hours it ever had."""

import math

import msgspec

from engine.baselines.activity import activity_of, fading
from engine.baselines.model import Activity, Baseline
from engine.models.cost_event import CostEvent
from engine.scoring.ordinary import ordinary_cost
from engine.scoring.thresholds import (
    BURST_COUNT_WEIGHT,
    BURST_HEADROOM,
    BURST_LEAST_COUNT,
    BURST_LEAST_USD,
    BURST_REGION_WEIGHT,
    BURST_THRESHOLD,
)


class Hour(msgspec.Struct, frozen=True):
    """What an actor started within about an hour: how many, for how much an hour, in how many Regions."""

    count: float
    usd: float
    regions: int


def last_hour(event: CostEvent, activity: Activity) -> Hour:
    """The actor's last hour with this event in it.

    >>> from engine.examples import launch
    >>> last_hour(launch(), Activity())
    Hour(count=1.0, usd=1.0, regions=1)
    """
    left = fading(activity, int(event.event_time.timestamp()))
    regions = 1
    if left > 0.4:  # noqa: PLR2004 - about an hour of silence ends a burst
        regions = len(activity.regions) + (event.region not in activity.regions)
    return Hour(activity.count * left + event.quantity, activity.usd * left + (event.hourly_cost or 0.0), regions)


def is_calm(event: CostEvent, baseline: Baseline) -> bool:
    """Whether ``burst`` is surely 0.0: even if nothing of the last hour had faded, it would be a usual one.

    >>> from engine.examples import launch
    >>> is_calm(launch(), Baseline(account_id="1")), is_calm(launch(quantity=50), Baseline(account_id="1"))
    (True, False)
    """
    activity = activity_of(baseline, event.actor.key)
    return (
        activity.usd + (event.hourly_cost or 0.0) <= BURST_HEADROOM * activity.usual_usd + BURST_LEAST_USD
        and activity.count + event.quantity <= BURST_HEADROOM * activity.usual_count + BURST_LEAST_COUNT
    )


def burst(event: CostEvent, baseline: Baseline) -> float:
    """Doublings of dollars or of starts beyond the actor's usual peak; more when they spread over Regions.

    >>> from engine.examples import launch
    >>> burst(launch(), Baseline(account_id="1"))
    0.0
    >>> burst(launch(quantity=50, hourly_cost=50.0), Baseline(account_id="1")) > 1.0
    True
    """
    activity = activity_of(baseline, event.actor.key)
    hour = last_hour(event, activity)
    usual_usd = BURST_HEADROOM * activity.usual_usd + BURST_LEAST_USD
    usual_count = BURST_HEADROOM * activity.usual_count + BURST_LEAST_COUNT
    if hour.usd <= usual_usd and hour.count <= usual_count:
        return 0.0
    dollars = math.log2(max(1.0, hour.usd / (usual_usd + ordinary_cost(event, baseline))))
    starts = BURST_COUNT_WEIGHT * math.log2(max(1.0, hour.count / usual_count))
    return max(dollars, starts) * (1.0 + BURST_REGION_WEIGHT * (hour.regions - 1)) / BURST_THRESHOLD

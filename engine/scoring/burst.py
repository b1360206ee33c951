"""The burst channel: one actor's last hour over all Regions, against the busiest hours it ever had."""

import math

from engine.baselines.activity import activity_of, fading
from engine.baselines.model import Activity, Baseline
from engine.models.cost_event import CostEvent
from engine.scoring import sentences
from engine.scoring.channel import Reason
from engine.scoring.ordinary import ordinary_cost
from engine.scoring.thresholds import (
    BURST_COUNT_WEIGHT,
    BURST_HEADROOM,
    BURST_LEAST_COUNT,
    BURST_LEAST_USD,
    BURST_REGION_WEIGHT,
    BURST_THRESHOLD,
)


def burst(event: CostEvent, baseline: Baseline) -> Reason | None:
    """Doublings of dollars or of starts beyond the actor's usual peak; more when they spread over Regions.

    >>> from engine.examples import launch
    >>> burst(launch(), Baseline(account_id="1")) is None
    True
    >>> burst(launch(quantity=50, hourly_cost=50.0), Baseline(account_id="1")).name
    'burst'
    """
    activity = activity_of(baseline, event.actor.key)
    left = fading(activity, int(event.event_time.timestamp()))
    usd = activity.usd * left + (event.hourly_cost or 0.0)
    count = activity.count * left + event.quantity
    regions = _regions(event, activity, left)
    allowed = BURST_HEADROOM * activity.usual_usd + BURST_LEAST_USD
    if usd > allowed:
        allowed += ordinary_cost(event, baseline)
    dollars = math.log2(usd / allowed) if usd > 0.0 else 0.0
    starts = BURST_COUNT_WEIGHT * math.log2(count / (BURST_HEADROOM * activity.usual_count + BURST_LEAST_COUNT))
    spread = 1.0 + BURST_REGION_WEIGHT * (regions - 1)
    value = max(dollars, starts) * spread / BURST_THRESHOLD
    if value <= 0.0:
        return None
    return Reason("burst", value, sentences.of_burst(event, activity, count, usd, regions))


def _regions(event: CostEvent, activity: Activity, left: float) -> int:
    """In how many Regions the actor was within about an hour."""
    if left < 0.4:  # noqa: PLR2004 - about an hour of silence ends a burst
        return 1
    return len(activity.regions) + (event.region not in activity.regions)

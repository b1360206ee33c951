"""What people know already: the same again is no news."""

from engine.baselines.activity import activity_of, fading
from engine.baselines.model import Baseline, Told
from engine.models.cost_event import CostEvent
from engine.scoring.thresholds import TOLD_ENVELOPE, TOLD_FACTOR

_THOUSANDTHS = 1000


def familiarity(event: CostEvent, baseline: Baseline, launch_cost: float | None, told: Told) -> float:
    """The factor for a launch of what cards spoke of on other days: 1.0 if it costs clearly more this time.

    >>> from engine.examples import launch
    >>> known, told = Baseline(account_id="1"), Told(days=1, most=1000)
    >>> familiarity(launch(), known, 1.0, told), familiarity(launch(hourly_cost=9.0), known, 9.0, told)
    (0.3, 1.0)
    """
    if not told.days:
        return 1.0
    activity = activity_of(baseline, event.actor.key)
    in_hour = activity.usd * fading(activity, int(event.event_time.timestamp()))
    if (in_hour + (launch_cost or 0.0)) * _THOUSANDTHS > TOLD_ENVELOPE * told.most:
        return 1.0
    return float(TOLD_FACTOR**told.days)

"""What people know already: the same again is no news."""

from engine.baselines.activity import activity_of, fading
from engine.baselines.model import Baseline
from engine.baselines.told import days_told, told_of
from engine.models.cost_event import CostEvent
from engine.scoring.thresholds import TOLD_ENVELOPE, TOLD_FACTOR

_THOUSANDTHS = 1000


def familiarity(event: CostEvent, baseline: Baseline, launch_cost: float | None) -> float:
    """The factor for a launch of what a card spoke of before: 1.0 if none did, or if it costs clearly more this time.

    >>> from datetime import timedelta
    >>> from engine.baselines.told import note_told
    >>> from engine.examples import MONDAY, launch
    >>> known, tomorrow = Baseline(account_id="1"), MONDAY + timedelta(days=1)
    >>> note_told(known, launch(), 1.0)
    >>> familiarity(launch(event_time=tomorrow), known, 1.0), familiarity(launch(event_time=tomorrow), known, 9.0)
    (0.3, 1.0)
    """
    days = days_told(baseline, event)
    if not days:
        return 1.0
    activity = activity_of(baseline, event.actor.key)
    in_hour = activity.usd * fading(activity, int(event.event_time.timestamp()))
    if (in_hour + (launch_cost or 0.0)) * _THOUSANDTHS > TOLD_ENVELOPE * told_of(baseline, event).most:
        return 1.0
    return float(TOLD_FACTOR**days)

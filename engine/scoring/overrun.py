"""The overrun channel: something runs much longer than its like. Weak: one end in sixteen is never recorded."""

import math
from datetime import datetime

from engine.baselines.model import Watched
from engine.models.anomaly import Score, Signal
from engine.scoring.sentences import money
from engine.scoring.thresholds import OVERRUN_THRESHOLD

_SECONDS = 3600


def overrun(watched: Watched, now: datetime) -> Score:
    """Score what should have ended by now: doublings of its usual life. It reaches the digest, never a card.

    >>> from datetime import timedelta
    >>> from engine.examples import MONDAY, launch
    >>> overrun(Watched(0, 2.0, launch()), MONDAY + timedelta(hours=16)).signals[0].text
    'm5.large of ci, $1.00 an hour, may have run for 16 hours: no end was recorded, and most end within 2.0 hours.'
    """
    event = watched.event
    hours = (now - event.event_time).total_seconds() / _SECONDS
    text = (
        f"{event.resource_type} of {event.actor.name}, {money(event.hourly_cost or 0.0)} an hour, may have run "
        f"for {hours:,.0f} hours: no end was recorded, and most end within {watched.usual_hours:.1f} hours."
    )
    value = max(0.0, math.log2(hours / watched.usual_hours)) / OVERRUN_THRESHOLD
    return Score(value, (Signal("overrun", value, text),))

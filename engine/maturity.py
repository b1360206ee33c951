"""How well an account is known."""

from datetime import datetime

from engine.baselines.model import Baseline
from engine.scoring.thresholds import YOUNG_DAYS, YOUNG_EVENTS

_SECONDS_PER_DAY = 86_400


def history_days(baseline: Baseline, now: datetime) -> float:
    """Days between the account's first cost event and now; 0.0 before there is any.

    >>> from datetime import UTC, datetime
    >>> history_days(Baseline(account_id="1"), datetime(2026, 3, 1, tzinfo=UTC))
    0.0
    """
    if baseline.first_event_time is None:
        return 0.0
    return max(0.0, (now - baseline.first_event_time).total_seconds() / _SECONDS_PER_DAY)


def is_young(baseline: Baseline, now: datetime) -> bool:
    """Too little is known for anything but the safety net: under 14 days of history, or under 20 cost events.

    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> is_young(Baseline(account_id="1", first_event_time=datetime(2026, 1, 1, tzinfo=UTC), events=500), now)
    False
    >>> is_young(Baseline(account_id="1", first_event_time=datetime(2026, 1, 1, tzinfo=UTC), events=19), now)
    True
    """
    return baseline.events < YOUNG_EVENTS or history_days(baseline, now) < YOUNG_DAYS

"""When the next digest is due."""

from datetime import datetime, timedelta, tzinfo

from engine.models.schedule import DigestRhythm, DigestSchedule

_DAYS = 7


def next_digest(schedule: DigestSchedule, after: datetime, zone: tzinfo) -> datetime | None:
    """Give the first moment later than ``after``, in ``zone``; None for a digest that is off.

    >>> from datetime import UTC
    >>> next_digest(DigestSchedule(), datetime(2026, 11, 23, 9, tzinfo=UTC), UTC)
    datetime.datetime(2026, 11, 24, 9, 0, tzinfo=datetime.timezone.utc)
    """
    if schedule.rhythm is DigestRhythm.OFF:
        return None
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(_DAYS + 1))
    fitting = (day for day in days if schedule.rhythm is DigestRhythm.DAILY or day.weekday() == schedule.weekday)
    moments = (datetime.combine(day, schedule.at, zone) for day in fitting)
    return next((moment for moment in moments if moment > after), None)

"""When a card that nothing joins is drawn again, so that what has burnt so far stays about true on it."""

from datetime import datetime, timedelta

from engine.models.anomaly import Anomaly, AnomalyStatus

_STEPS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
_DAY = timedelta(days=1)
_LONGEST = timedelta(days=30)
_AT_REST = frozenset({AnomalyStatus.EXPECTED, AnomalyStatus.RESOLVED})


def next_step(anomaly: Anomaly, now: datetime) -> datetime | None:
    """The next of a quarter of an hour, one hour, four hours, and every day up to thirty, since it began.

    None where nothing burns any more, the price is not known, or people called it expected.

    >>> from engine.examples import MONDAY, incident, launch
    >>> str(next_step(incident(launch()), MONDAY + timedelta(minutes=20)) - MONDAY)
    '1:00:00'
    """
    if anomaly.ended_at is not None or anomaly.running_hourly_cost <= 0 or anomaly.status in _AT_REST:
        return None
    age = now - anomaly.first_event_time
    step = next((one for one in _STEPS if one > age), _DAY * (age // _DAY + 1))
    return anomaly.first_event_time + step if step <= _LONGEST else None

"""Which Regions' turn it is: those that EventBridge delivers from are polled less often. Pure: time is handed in."""

from datetime import datetime, timedelta

from engine.models.account import AwsAccount, RegionCursor
from services.arrivals import EVENTBRIDGE, POLLING

# A rule that was removed makes no noise. So a Region has to show again and again that its rule is there.
_TRUSTED = timedelta(days=1)


def due_cursors(account: AwsAccount, now: datetime, beside_events: timedelta) -> list[RegionCursor]:
    """Choose the Regions to be read now: all, but those that can wait because EventBridge brings what happens there."""
    return [
        cursor
        for cursor in account.cursors
        if not (_is_settled(cursor, now, beside_events) and delivers(account, cursor.region, now))
    ]


def delivers(account: AwsAccount, region: str, now: datetime) -> bool:
    """Whether EventBridge brought records of this Region within a day, and polling found none that it did not bring.

    What polling brings first is noted as polling's. When that is newer than anything EventBridge brought, EventBridge
    is silent or late, and the Region is polled at the full rate until it delivers again.
    """
    brought = _newest(account, EVENTBRIDGE, region)
    found = _newest(account, POLLING, region)
    return brought is not None and abs(now - brought) <= _TRUSTED and (found is None or found <= brought)


def _is_settled(cursor: RegionCursor, now: datetime, beside_events: timedelta) -> bool:
    """Whether the last reading was complete, and recent enough for a Region that EventBridge delivers from."""
    if cursor.error or cursor.rescan is not None or cursor.last_success_at is None:
        return False
    return now - cursor.read_until < beside_events


def _newest(account: AwsAccount, source: str, region: str) -> datetime | None:
    arrivals = account.arrivals.get(source, {}).get(region)
    return arrivals.last_record_time if arrivals else None

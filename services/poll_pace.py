"""Which Regions' turn it is: those that EventBridge delivers from are polled less often. Pure: time is handed in."""

from datetime import datetime, timedelta

from engine.models.account import AwsAccount, RegionCursor
from services.arrivals import EVENTBRIDGE, HEARTBEAT, POLLING

# A rule that was removed makes no noise. So a Region has to show again and again that its rule is there.
_TRUSTED = timedelta(days=1)
# Heartbeats come every hour; a few may be late.
_HEARD = timedelta(hours=3)


def due_cursors(account: AwsAccount, now: datetime, beside_events: timedelta) -> list[RegionCursor]:
    """Choose the Regions to be read now: all, but those that can wait because EventBridge brings what happens there."""
    return [
        cursor
        for cursor in account.cursors
        if not (_is_settled(cursor, now, beside_events) and delivers(account, cursor.region, now))
    ]


def delivers(account: AwsAccount, region: str, now: datetime) -> bool:
    """Whether EventBridge's way from this Region is open, and polling found nothing that it did not bring.

    It is open if it brought a record within a day, or a heartbeat within three hours. What polling brings first is
    noted as polling's. When that is newer than anything EventBridge brought, EventBridge is silent or late, and the
    Region is polled at the full rate until it delivers again, or has missed nothing for a day.
    """
    brought = _newest(account, EVENTBRIDGE, region)
    found = _newest(account, POLLING, region)
    missed = found is not None and now - found <= _TRUSTED and (brought is None or found > brought)
    is_open = (brought is not None and abs(now - brought) <= _TRUSTED) or is_heard(account, region, now)
    return is_open and not missed


def is_heard(account: AwsAccount, region: str, now: datetime) -> bool:
    """Whether the Region's scheduled rule told us lately that EventBridge's way from there is open."""
    heard = _newest(account, HEARTBEAT, region)
    return heard is not None and abs(now - heard) <= _HEARD


def _is_settled(cursor: RegionCursor, now: datetime, beside_events: timedelta) -> bool:
    """Whether the last reading was complete, and recent enough for a Region that EventBridge delivers from."""
    if cursor.error or cursor.rescan is not None or cursor.last_success_at is None:
        return False
    return now - cursor.read_until < beside_events


def _newest(account: AwsAccount, source: str, region: str) -> datetime | None:
    arrivals = account.arrivals.get(source, {}).get(region)
    return arrivals.last_record_time if arrivals else None

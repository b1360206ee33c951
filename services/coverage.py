"""What is covered of an account and what is not, from its cursors and from what its sources brought."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from engine.lag_sketch import lag_quantile, merge_lags
from engine.models.account import AccountStatus, Arrivals, AwsAccount, RegionCursor
from engine.models.report import GapKind, RegionGap, RegionLag, SourceHealth
from services.arrivals import EVENTBRIDGE, HEARTBEAT
from services.poll_pace import is_heard

_MEDIAN, _P95 = 0.5, 0.95
_BEHIND = timedelta(hours=1)
_BEFORE_READING = frozenset({AccountStatus.PENDING, AccountStatus.LEARNING})


def source_health(account: AwsAccount, now: datetime) -> tuple[SourceHealth, ...]:
    """Tell of every source that brought something, as a whole and by Region; of EventBridge once it may."""
    found = {name: regions for name, regions in account.arrivals.items() if name != HEARTBEAT}
    if HEARTBEAT in account.arrivals:
        found.setdefault(EVENTBRIDGE, {})
    return tuple(_source(account, name, regions, now) for name, regions in sorted(found.items()))


def find_gaps(account: AwsAccount, now: datetime) -> tuple[RegionGap, ...]:
    """Name what is not covered, by Region."""
    if account.status in _BEFORE_READING:
        return ()
    known = {cursor.region for cursor in account.cursors}
    unwatched = [RegionGap(region, GapKind.UNWATCHED) for region in account.regions if region not in known]
    return (*unwatched, *(gap for cursor in account.cursors for gap in _gaps_of(cursor, now)))


def _gaps_of(cursor: RegionCursor, now: datetime) -> Iterator[RegionGap]:
    if cursor.error:
        yield RegionGap(cursor.region, GapKind.UNREAD, cursor.read_until)
    elif now - cursor.read_until > _BEHIND:
        yield RegionGap(cursor.region, GapKind.BEHIND, cursor.read_until)
    if cursor.history_since is not None:
        yield RegionGap(cursor.region, GapKind.SHORT_HISTORY, cursor.history_since)


def _source(account: AwsAccount, name: str, found: Mapping[str, Arrivals], now: datetime) -> SourceHealth:
    whole = merge_lags(arrivals.lags for arrivals in found.values())
    times = [arrivals.last_record_time for arrivals in found.values() if arrivals.last_record_time is not None]
    regions = [_region(region, arrivals) for region, arrivals in found.items()]
    return SourceHealth(
        name=name,
        last_record_time=max(times, default=None),
        median_lag=lag_quantile(whole, _MEDIAN),
        p95_lag=lag_quantile(whole, _P95),
        regions=tuple(sorted(regions, key=lambda one: (-(one.p95_lag or 0.0), one.region))),
        silent_regions=tuple(region for region in account.regions if _is_silent(account, region, found, now)),
    )


def _is_silent(account: AwsAccount, region: str, found: Mapping[str, Arrivals], now: datetime) -> bool:
    """Whether nothing shows that the source has a way from this Region: heartbeats do, where there are any."""
    if account.arrivals.get(HEARTBEAT):
        return not is_heard(account, region, now)
    return region not in found


def _region(region: str, arrivals: Arrivals) -> RegionLag:
    return RegionLag(
        region=region,
        last_record_time=arrivals.last_record_time,
        median_lag=lag_quantile(arrivals.lags, _MEDIAN),
        p95_lag=lag_quantile(arrivals.lags, _P95),
    )

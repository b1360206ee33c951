"""What is spent: the month, the bill beside what we saw start, and how good our cards are."""

import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from engine.bills import family_of, month_around, usd_of
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.spend import USD, AccountBill, AwsAnomaly, DayBill, Seen
from engine.models.spend_report import Grade, MonthEstimate, MonthSource, Reconciliation, ServiceGap

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_AVERAGED_DAYS = 14
_FEWEST_DAYS = 3
_TWO_SIGMA = 2.0
_SETTLED_AFTER = timedelta(days=2)  # AWS goes on changing younger days.
_COMPARED_DAYS = 7
_MOST_GAPS = 5
_LEAST_GAP_USD = 0.5
_HUMAN = frozenset({AnomalyStatus.UNEXPECTED, AnomalyStatus.RESOLVED})


def estimate_month(
    bill: AccountBill | None, days: Sequence[DayBill], seen_usd: float, hourly_cost: float, now: datetime
) -> MonthEstimate:
    """Say what one account's month costs: by the bill and AWS's forecast, by the bill's last days, or by what we saw.

    ``seen_usd`` is what all that we saw start cost since the month began; ``hourly_cost`` what of it runs now.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    >>> estimate_month(None, [], 10.0, 1.0, noon).total_usd
    22.0
    """
    began, ends = month_around(now)
    today = _known_until(bill, began, now)
    so_far = usd_of(one for one in days if began.date() <= one.day < today)
    rest = _rest_by_forecast(bill, today, ends.date()) or _rest_by_days(days, today, ends.date())
    if rest is None:
        total = seen_usd + hourly_cost * ((ends - now) / _HOUR)
        return MonthEstimate(so_far_usd=seen_usd, total_usd=total, low_usd=seen_usd, high_usd=total)
    source, mean, low, high = rest
    return MonthEstimate(
        so_far_usd=so_far,
        total_usd=so_far + mean,
        low_usd=so_far + max(0.0, low),
        high_usd=so_far + high,
        source=source,
    )


def with_added(month: MonthEstimate, added_hourly_cost: float, now: datetime) -> MonthEstimate:
    """Widen a bill's estimate by what started within a day and may run on; what we saw has all that runs already.

    >>> from datetime import UTC
    >>> known = MonthEstimate(so_far_usd=0, total_usd=10, low_usd=8, high_usd=12, source=MonthSource.BILL)
    >>> with_added(known, 1.0, datetime(2026, 11, 30, 12, tzinfo=UTC)).high_usd
    24.0
    """
    if month.source is MonthSource.SEEN:
        return month
    _began, ends = month_around(now)
    added = added_hourly_cost * ((ends - now) / _HOUR)
    return msgspec.structs.replace(month, high_usd=month.high_usd + added, added_usd=added)


def _known_until(bill: AccountBill | None, began: datetime, now: datetime) -> date:
    """The day the bill was read on, of which it has only a part; what came after is expected, not known."""
    fetched_at = bill.fetched_at if bill else None
    return fetched_at.date() if fetched_at and began <= fetched_at <= now else now.date()


_Rest = tuple[MonthSource, float, float, float]


def _rest_by_forecast(bill: AccountBill | None, today: date, ends: date) -> _Rest | None:
    """A forecast counts from the day it was made; of an older one the days that went by are taken off evenly."""
    forecast = bill.forecast if bill else None
    if forecast is None or forecast.currency != USD or not forecast.first_day <= today < ends:
        return None
    if (forecast.first_day.year, forecast.first_day.month) != (today.year, today.month):
        return None
    share = (ends - today) / (ends - forecast.first_day)
    return MonthSource.FORECAST, forecast.mean * share, forecast.low * share, forecast.high * share


def _rest_by_days(days: Sequence[DayBill], today: date, ends: date) -> _Rest | None:
    by_day: defaultdict[date, float] = defaultdict(float)
    for one in days:
        if today - timedelta(days=_AVERAGED_DAYS) <= one.day < today and _has_usd(one):
            by_day[one.day] += usd_of([one])
    if len(by_day) < _FEWEST_DAYS:
        return None
    left = (ends - today).days
    mean = statistics.fmean(by_day.values()) * left
    spread = _TWO_SIGMA * statistics.stdev(by_day.values()) * left**0.5
    return MonthSource.BILL, mean, mean - spread, mean + spread


def _has_usd(day: DayBill) -> bool:
    return any(cost.currency == USD for cost in day.costs)


def add_up(estimates: Iterable[MonthEstimate]) -> MonthEstimate:
    """The estimate of several accounts together; it is the bill's only where all of them are.

    >>> add_up([]).total_usd
    0.0
    """
    parts = list(estimates)
    sources = {one.source for one in parts}
    return MonthEstimate(
        so_far_usd=sum(one.so_far_usd for one in parts),
        total_usd=sum((one.total_usd for one in parts), 0.0),
        low_usd=sum(one.low_usd for one in parts),
        high_usd=sum(one.high_usd for one in parts),
        added_usd=sum(one.added_usd for one in parts),
        source=sources.pop() if len(sources) == 1 else MonthSource.SEEN if not parts else MonthSource.MIXED,
    )


BUDGET_STEPS = (100, 80, 50)
"""Percent of a budget that are told, the highest first."""


def step_passed(usd: float, monthly_usd: float) -> int | None:
    """The highest step of a budget that a sum has reached.

    >>> step_passed(85.0, 100.0), step_passed(49.0, 100.0)
    (80, None)
    """
    return next((step for step in BUDGET_STEPS if usd >= monthly_usd * step / 100), None)


def compared_days(now: datetime) -> tuple[date, date]:
    """The first of the days of a bill that are settled, and the day after the last.

    >>> from datetime import UTC
    >>> [str(one) for one in compared_days(datetime(2026, 11, 21, tzinfo=UTC))]
    ['2026-11-12', '2026-11-19']
    """
    until = now.date() - _SETTLED_AFTER
    return until - _COMPARED_DAYS * _DAY, until


def reconcile(days: Sequence[DayBill], seen: Iterable[Seen], first: date, until: date) -> Reconciliation | None:
    """Compare the bill of some days with what we saw cost in them, by service; None where there is no bill in USD.

    ``seen`` is by service, for the same time and the same accounts. What the bill has and we do not is a gap.
    """
    of_days = [one for one in days if first <= one.day < until]
    billed = _by_family(of_days)
    if not billed:
        return None
    accounts = {one.account_id for one in of_days}
    ours: defaultdict[str, float] = defaultdict(float)
    for one in seen:
        if one.account_id in accounts:
            ours[family_of(one.key)] += one.spent_usd
    return Reconciliation(
        first_day=first,
        until=until,
        billed_usd=sum(billed.values()),
        seen_usd=sum(ours.values()),
        gaps=_gaps(billed, ours),
    )


def _by_family(days: Sequence[DayBill]) -> Mapping[str, float]:
    billed: defaultdict[str, float] = defaultdict(float)
    for one in days:
        for cost in one.costs:
            if cost.currency == USD:
                billed[family_of(cost.service)] += cost.amount
    return billed


def _gaps(billed: Mapping[str, float], ours: Mapping[str, float]) -> tuple[ServiceGap, ...]:
    found = (ServiceGap(name, amount - ours.get(name, 0.0)) for name, amount in billed.items())
    gaps = sorted((one for one in found if one.usd >= _LEAST_GAP_USD), key=lambda one: (-one.usd, one.service))
    return tuple(gaps[:_MOST_GAPS])


def grade(anomalies: Iterable[Anomaly], found_by_aws: Collection[AwsAnomaly], since: datetime) -> Grade:
    """Say how often people or the bill confirmed what we told since then, and what AWS found that we did not.

    >>> from engine.examples import MONDAY
    >>> grade([], [], MONDAY).cards
    0
    """
    ours = [one for one in anomalies if one.last_event_time >= since]
    told = [one for one in ours if one.decision.kind is DecisionKind.ALERT]
    theirs = [one for one in found_by_aws if (one.last_day or one.first_day) >= since.date()]
    by_human = {one.anomaly_id for one in told if one.status in _HUMAN}
    by_bill = {one.anomaly_id for one in told if any(is_same(one, other) for other in theirs)}
    missed = [other for other in theirs if not any(is_same(one, other) for one in ours)]
    return Grade(
        cards=len(told),
        by_human=len(by_human),
        by_bill=len(by_bill),
        confirmed=len(by_human | by_bill),
        expected=sum(one.status is AnomalyStatus.EXPECTED for one in told),
        found_by_aws=len(theirs),
        missed=tuple(sorted(missed, key=lambda one: -one.impact)),
    )


def is_same(ours: Anomaly, theirs: AwsAnomaly) -> bool:
    """Whether AWS's anomaly is about what ours is: same account and service, its Region if AWS names one, same days."""
    if ours.account_id != theirs.account_id:
        return False
    lines = [one for one in ours.lines if family_of(one.service) == family_of(theirs.service)]
    if not any(not theirs.region or one.region == theirs.region for one in lines):
        return False
    ended = ours.ended_at.date() if ours.ended_at else None
    last = theirs.last_day or theirs.first_day
    return ours.first_event_time.date() - _DAY <= last and (ended is None or theirs.first_day <= ended + _DAY)

"""Spend by service, account or actor, and day by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from engine.bills import family_of, usd_of
from engine.models.chart import Bar, Chart
from engine.models.spend import USD, DayBill, Seen, ServiceCost
from engine.models.spend_report import SpendBy, SpendRow

_MOST_BARS = 14
_UNTAGGED = "without this tag"
_LEAST_USD = 0.005  # What rounds to no cent is no row and no bar.


def rows_of(by: SpendBy, days: Sequence[DayBill], seen: Iterable[Seen], names: Mapping[str, str]) -> list[SpendRow]:
    """Put the bill and what was seen side by side, the dearest first. No bill knows actors, what was seen no tags.

    >>> rows_of(SpendBy.ACTOR, [], [], {})
    []
    """
    billed = {} if by is SpendBy.ACTOR else _billed(by, days)
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for one in seen:
        for place, usd in enumerate((one.spent_usd, one.hourly_cost, one.added_hourly_cost)):
            sums[family_of(one.key) if by is SpendBy.SERVICE else one.key][place] += usd
    rows = [
        SpendRow(
            key=key,
            name=names.get(key, key) or _UNTAGGED,
            billed_usd=billed.get(key),
            seen_usd=sums[key][0],
            hourly_cost=sums[key][1],
            added_hourly_cost=sums[key][2],
        )
        for key in ({*billed} if by is SpendBy.TAG else {*billed, *sums})
    ]
    return sorted((one for one in rows if _worth(one) >= _LEAST_USD), key=lambda one: (-_worth(one), one.key))


def _worth(row: SpendRow) -> float:
    return max(row.billed_usd or 0.0, row.seen_usd, row.hourly_cost)


def _billed(by: SpendBy, days: Sequence[DayBill]) -> Mapping[str, float]:
    billed: defaultdict[str, float] = defaultdict(float)
    for day in days:
        for cost in day.costs:
            if cost.currency == USD:
                billed[_key(by, day, cost)] += cost.amount
    return billed


def _key(by: SpendBy, day: DayBill, cost: ServiceCost) -> str:
    if by is SpendBy.TAG:
        return cost.service
    return family_of(cost.service) if by is SpendBy.SERVICE else day.account_id


def daily_chart(days: Sequence[DayBill], today: date) -> Chart | None:
    """Draw all of the bill's whole days, several to a bar where there are many; the oldest bar may have fewer.

    None where there are fewer than two days, or nothing was billed.

    >>> daily_chart([], date(2026, 11, 21)) is None
    True
    """
    whole = [one for one in days if one.day < today]
    if len({one.day for one in whole}) <= 1 or usd_of(whole) < _LEAST_USD:
        return None
    first, last = min(one.day for one in whole), max(one.day for one in whole)
    span = -(-((last - first).days + 1) // _MOST_BARS)
    starts: defaultdict[date, list[DayBill]] = defaultdict(list)
    for one in whole:
        started = last - timedelta(days=((last - one.day).days // span + 1) * span - 1)
        starts[max(first, started)].append(one)
    bars = tuple(Bar(f"{start:%a %d %b}", round(usd_of(starts[start]), 2)) for start in sorted(starts))
    return Chart(title="Billed by AWS", by="day" if span == 1 else f"{span} days from", bars=bars)

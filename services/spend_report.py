"""What is spent: one report, for Slack, the REST API and the digest."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from engine.bills import other_currencies, usd_of
from engine.models.account import AwsAccount
from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.search import Criteria
from engine.models.spend import AccountBill, DayBill, SpendKey
from engine.models.spend_report import (
    BillHealth,
    Grade,
    Reconciliation,
    SpendBy,
    SpendQuery,
    SpendReport,
    SpendRow,
    SpendSummary,
)
from engine.spend import compared_days, grade, reconcile
from engine.spend_csv import CSV_NAMES, csv_line, csv_rows
from engine.spend_rows import daily_chart, rows_of
from services.joining import Joined
from services.month_estimate import MonthEstimates
from services.ports import Accounts, AnomalySearch, Bills, ChartAddresses, Clock, Spending
from services.ports.spend import TagBills
from services.spend import CALLS_A_DAY

_DAY = timedelta(days=1)
_GRADED = timedelta(days=30)
_PICTURE_LIFETIME = timedelta(days=30)
_MOST_ANOMALIES = 1000
_PAGE = 10
_KEYS = {
    SpendBy.SERVICE: SpendKey.SERVICE,
    SpendBy.ACCOUNT: SpendKey.ACCOUNT,
    SpendBy.ACTOR: SpendKey.ACTOR,
    SpendBy.TAG: SpendKey.ACCOUNT,
}


class SpendReports:
    """Reads what is stored; asks AWS nothing."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        search: AnomalySearch,
        spending: Spending,
        bills: Bills,
        tags: TagBills,
        months: MonthEstimates,
        charts: ChartAddresses,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._search = search
        self._spending = spending
        self._bills = bills
        self._tags = tags
        self._months = months
        self._charts = charts
        self._clock = clock
        self._grades = Joined[Grade]()

    async def report(self, tenant_id: str, query: SpendQuery, page_size: int = _PAGE) -> SpendReport:
        """Answer ``query`` with one page of rows, and sums over all."""
        now = self._clock()
        since = now - query.span
        accounts, bills, days, tagged, seen = await asyncio.gather(
            self._accounts.find_accounts(tenant_id),
            self._bills.find_bills(tenant_id),
            self._bills.find_days(tenant_id, since.date()),
            self._tags.find_tag_bills(tenant_id, query.tag),
            self._spending.sum_seen(tenant_id, _KEYS[query.by], since, now, added_since=now - _DAY),
        )
        summary = await self.summary(tenant_id)
        names = {one.account_id: one.name for one in accounts}
        by_tag = [day for one in tagged for day in one.days if day.day >= since.date()]
        rows = rows_of(query.by, by_tag if query.by is SpendBy.TAG else days, seen, names)
        pages = max(1, -(-len(rows) // page_size))
        page = min(query.page, pages)
        shown = rows[(page - 1) * page_size : page * page_size]
        chart = daily_chart(days, now.date())
        return SpendReport(
            since=since,
            until=now,
            query=msgspec.structs.replace(query, page=page),
            rows=tuple(await self._with_months(tenant_id, shown) if query.by is SpendBy.ACCOUNT else shown),
            total_rows=len(rows),
            pages=pages,
            hourly_cost=sum(one.hourly_cost for one in seen),
            added_hourly_cost=sum(one.added_hourly_cost for one in seen),
            month=summary.month,
            billed_usd=usd_of(days) if days else None,
            reconciliation=summary.reconciliation,
            grade=summary.grade,
            health=_health(accounts, bills, days, now),
            tag_troubles=tuple(f"{names.get(one.account_id, '')}: {one.trouble}" for one in tagged if one.trouble),
            calls_a_day=CALLS_A_DAY,
            chart=chart,
            picture_url=self._charts.address(tenant_id, chart, now + _PICTURE_LIFETIME) if chart else "",
        )

    async def _with_months(self, tenant_id: str, rows: Sequence[SpendRow]) -> list[SpendRow]:
        months = await self._months.by_account(tenant_id)
        return [msgspec.structs.replace(one, month=months.get(one.key)) for one in rows]

    async def summary(self, tenant_id: str) -> SpendSummary:
        """What the report and the digest say of all accounts together."""
        month, compared, graded = await asyncio.gather(
            self._months.estimate(tenant_id), self.reconcile(tenant_id), self.grade(tenant_id)
        )
        return SpendSummary(month=month, reconciliation=compared, grade=graded)

    async def csv_lines(self, tenant_id: str, span: timedelta) -> AsyncGenerator[bytes, None]:
        """The bill's days as CSV: a line for each account, day and service, below a line of names."""
        yield csv_line(CSV_NAMES)
        for day in await self._bills.find_days(tenant_id, (self._clock() - span).date()):
            yield b"".join(csv_line(row) for row in csv_rows(day))

    async def reconcile(self, tenant_id: str) -> Reconciliation | None:
        """The settled days of the bill beside what was seen in them; None where no bill is read."""
        first, until = compared_days(self._clock())
        began, ended = (datetime.combine(day, datetime.min.time(), self._clock().tzinfo) for day in (first, until))
        days, seen = await asyncio.gather(
            self._bills.find_days(tenant_id, first),
            self._spending.sum_seen(tenant_id, SpendKey.SERVICE, began, ended, added_since=ended),
        )
        return reconcile(days, seen, first, until)

    async def grade(self, tenant_id: str) -> Grade:
        """How good the cards of the last thirty days were; worked out once for all who ask at one moment."""
        return await self._grades.ask(tenant_id, lambda: self._grade(tenant_id))

    async def _grade(self, tenant_id: str) -> Grade:
        since = self._clock() - _GRADED
        criteria = Criteria(
            since=since,
            severities=tuple(Severity),
            decisions=tuple(DecisionKind),
            statuses=tuple(AnomalyStatus),
        )
        found, bills = await asyncio.gather(
            self._search.find_page(tenant_id, criteria, skip=0, limit=_MOST_ANOMALIES),
            self._bills.find_bills(tenant_id),
        )
        return grade(found, [one for bill in bills for one in bill.anomalies], since)


def _health(
    accounts: Sequence[AwsAccount], bills: Sequence[AccountBill], days: Iterable[DayBill], now: datetime
) -> tuple[BillHealth, ...]:
    names = {one.account_id: one.name for one in accounts}
    of_account: defaultdict[str, list[DayBill]] = defaultdict(list)
    for day in days:
        of_account[day.account_id].append(day)
    today = now.date().isoformat()
    return tuple(
        BillHealth(
            account_id=bill.account_id,
            account_name=names.get(bill.account_id, bill.account_id),
            calls=bill.calls if bill.calls_day == today else 0,
            fetched_at=bill.fetched_at,
            troubles=bill.troubles,
            other_currencies=other_currencies(of_account[bill.account_id]),
        )
        for bill in bills
    )

"""What this month may cost: the one place that says so."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from engine.bills import month_around
from engine.models.spend import DayBill, Seen, SpendKey
from engine.models.spend_report import MonthEstimate
from engine.spend import add_up, estimate_month, with_added
from services.ports import Bills, Clock, Spending

_AVERAGED = timedelta(days=31)
_DAY = timedelta(days=1)
_NOTHING = Seen(account_id="", key="", spent_usd=0.0, hourly_cost=0.0, added_hourly_cost=0.0)


class MonthEstimates:
    """Reads; never writes. Months are UTC's, as on AWS's bill."""

    def __init__(self, spending: Spending, bills: Bills, clock: Clock) -> None:
        self._spending = spending
        self._bills = bills
        self._clock = clock

    async def estimate(self, tenant_id: str) -> MonthEstimate:
        """Give the estimate of all accounts together; all is zero where nothing is known."""
        return add_up((await self.by_account(tenant_id)).values())

    async def by_account(self, tenant_id: str) -> Mapping[str, MonthEstimate]:
        """Account id -> its estimate, for each account with a bill or anything that was seen to start."""
        now = self._clock()
        began, _ends = month_around(now)
        bills, days, seen = await asyncio.gather(
            self._bills.find_bills(tenant_id),
            self._bills.find_days(tenant_id, now.date() - _AVERAGED),
            self._spending.sum_seen(tenant_id, SpendKey.ACCOUNT, began, now, added_since=now - _DAY),
        )
        by_account: defaultdict[str, list[DayBill]] = defaultdict(list)
        for day in days:
            by_account[day.account_id].append(day)
        of_bill = {one.account_id: one for one in bills}
        of_seen = {one.account_id: one for one in seen}

        def estimated(account_id: str) -> MonthEstimate:
            one = of_seen.get(account_id, _NOTHING)
            of_days = by_account[account_id]
            month = estimate_month(of_bill.get(account_id), of_days, one.spent_usd, one.hourly_cost, now)
            return with_added(month, one.added_hourly_cost, now)

        return {account_id: estimated(account_id) for account_id in sorted({*of_bill, *of_seen, *by_account})}

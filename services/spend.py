"""Reads what AWS bills, once a day for each account."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from engine.bills import merge_days, month_around, trouble_words
from engine.errors import UpstreamError
from engine.models.account import AwsAccount
from engine.models.spend import AccountBill, AwsAnomaly, DayBill, Forecast
from services.ports import Accounts, Bills, BillSource, Clock, SystemLookups

CALLS_A_DAY = 5
DAYS_READ = 90
_DAYS_KEPT = timedelta(days=400)
_DAY = timedelta(days=1)
_FRESH = timedelta(hours=20)
_TRY_AGAIN = timedelta(hours=2)
_log = logging.getLogger(__name__)
ItemT = TypeVar("ItemT")
_Page = Callable[[str], Awaitable[tuple[list[ItemT], str]]]


class BillReader:
    """Each question costs the customer about a cent, so they are counted before they are asked, over all processes."""

    def __init__(
        self, *, lookups: SystemLookups, accounts: Accounts, source: BillSource, bills: Bills, clock: Clock
    ) -> None:
        self._lookups = lookups
        self._accounts = accounts
        self._source = source
        self._bills = bills
        self._clock = clock

    async def read_due(self) -> int:
        """Read the bills of all watched accounts that are due; gives how many. One's trouble is no other's."""
        count = 0
        for tenant_id, account_id in await self._lookups.find_due_accounts():
            try:
                count += await self.read(tenant_id, account_id)
            except UpstreamError:
                raise
            except Exception:
                _log.exception("the bill of account %s could not be read", account_id)
        return count

    async def read(self, tenant_id: str, account_id: str) -> bool:
        """Ask AWS for an account's bill, unless that was done within a day; False when it was not due."""
        now = self._clock()
        is_due = await self._bills.begin_fetch(
            tenant_id, account_id, now, fetched_before=now - _FRESH, attempted_before=now - _TRY_AGAIN
        )
        if not is_due:
            return False
        account = await self._accounts.find_account(tenant_id, account_id)
        if account.is_connected:
            before = [one for one in await self._bills.find_bills(tenant_id) if one.account_id == account_id]
            reading = _Reading(tenant_id, account, self._source, self._bills, now)
            bill, days = await reading.read(before[0].anomalies if before else ())
            await self._bills.save_fetched(tenant_id, bill, days)
            await self._bills.forget_days(tenant_id, now.date() - _DAYS_KEPT)
        return account.is_connected


class _Reading:
    """One account's questions; what AWS refuses to one of them is said, and the others are asked all the same."""

    def __init__(self, tenant_id: str, account: AwsAccount, source: BillSource, bills: Bills, now: datetime) -> None:
        self._tenant_id = tenant_id
        self._account = account
        self._source = source
        self._bills = bills
        self._now = now
        self._today = now.date()
        self._troubles: list[str] = []

    async def read(self, known: tuple[AwsAnomaly, ...]) -> tuple[AccountBill, list[DayBill]]:
        """The bill and its days, without what could not be read; of AWS's anomalies those ``known`` then stay."""
        first, until = self._today - timedelta(days=DAYS_READ), self._today + _DAY
        forecast = await self._asked("the forecast", self._forecast)
        days = await self._all("the daily costs", partial(self._source.fetch_days, self._account, first, until))
        anomalies = await self._all(
            "AWS's own anomalies", partial(self._source.fetch_anomalies, self._account, first, until)
        )
        bill = AccountBill(
            account_id=self._account.account_id,
            fetched_at=self._now,
            forecast=forecast,
            anomalies=known if anomalies is None else tuple(anomalies),
            troubles=tuple(self._troubles),
        )
        return bill, merge_days(days or ())

    async def _forecast(self) -> Forecast:
        _began, ends = month_around(self._now)
        return await self._source.fetch_forecast(self._account, self._today, ends.date())

    async def _all(self, what: str, page: _Page[ItemT]) -> list[ItemT] | None:
        """All pages; those that came before a trouble are kept, and None where that is none."""
        answer = await self._asked(what, partial(page, ""))
        if answer is None:
            return None
        found: list[ItemT] = []
        while answer is not None:
            found += answer[0]
            answer = await self._asked(what, partial(page, answer[1])) if answer[1] else None
        return found

    async def _asked(self, what: str, ask: Callable[[], Awaitable[ItemT]]) -> ItemT | None:
        """None where there is no answer. Errors of our own database end the reading."""
        day, account_id = self._today.isoformat(), self._account.account_id
        if not await self._bills.take_call(self._tenant_id, account_id, day, CALLS_A_DAY):
            self._troubles.append(f"{what}: {CALLS_A_DAY} questions were asked today, and no more are")
            return None
        try:
            return await ask()
        except UpstreamError as error:
            self._troubles.append(f"{what}: {trouble_words(error.code, str(error))}")
            return None

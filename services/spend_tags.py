"""What AWS bills by the values of a tag: asked when somebody wants to know, within the day's questions."""

import asyncio
from datetime import datetime, timedelta

from engine.bills import merge_days, trouble_words
from engine.errors import UpstreamError
from engine.models.account import AwsAccount
from engine.models.spend import DayBill, TagBill
from engine.spend_tags import require_tag_key, with_fewer_values
from services.ports import Accounts, Bills, Clock
from services.ports.spend import TagBills, TagSource
from services.spend import CALLS_A_DAY, DAYS_READ

_DAY = timedelta(days=1)
_FRESH = timedelta(hours=20)
_TRY_AGAIN = timedelta(hours=2)
_KEPT = timedelta(days=30)


class TagSpend:
    """Answers are kept for most of a day: the same key is not asked for twice."""

    def __init__(self, accounts: Accounts, source: TagSource, bills: Bills, rows: TagBills, clock: Clock) -> None:
        self._accounts = accounts
        self._source = source
        self._bills = bills
        self._rows = rows
        self._clock = clock

    async def read(self, tenant_id: str, key: str) -> None:
        """Ask AWS for what is not known or old, of every account. Raises InvalidCommand for what can be no key."""
        require_tag_key(key)
        now = self._clock()
        accounts, known = await asyncio.gather(
            self._accounts.find_accounts(tenant_id), self._rows.find_tag_bills(tenant_id, key)
        )
        fresh = {one.account_id for one in known if now - one.fetched_at < (_TRY_AGAIN if one.trouble else _FRESH)}
        due = [one for one in accounts if one.is_connected and one.account_id not in fresh]
        await asyncio.gather(*(self._read(tenant_id, one, key, now) for one in due))

    async def _read(self, tenant_id: str, account: AwsAccount, key: str, now: datetime) -> None:
        """All pages for which there are questions left; what is missing is said, and what came is kept."""
        days: list[DayBill] = []
        token, trouble = "", ""
        while True:
            if not await self._bills.take_call(tenant_id, account.account_id, now.date().isoformat(), CALLS_A_DAY):
                trouble = f"no more than {CALLS_A_DAY} questions are asked a day, and its bill is read first"
                break
            try:
                first, until = now.date() - timedelta(days=DAYS_READ), now.date() + _DAY
                page, token = await self._source.fetch_tag_days(account, key, first, until, token)
            except UpstreamError as error:
                trouble = trouble_words(error.code, str(error))
                break
            days += page
            if not token:
                break
        if not days and trouble and await self._keeps_older(tenant_id, account.account_id, key):
            return
        found = TagBill(
            account_id=account.account_id,
            key=key,
            fetched_at=now,
            days=with_fewer_values(merge_days(days)),
            trouble=trouble,
        )
        await self._rows.save_tag_bill(tenant_id, found, forget_before=now - _KEPT)

    async def _keeps_older(self, tenant_id: str, account_id: str, key: str) -> bool:
        """What was known stays where nothing new came, with the day it is of."""
        known = await self._rows.find_tag_bills(tenant_id, key)
        return any(one.account_id == account_id and one.days for one in known)

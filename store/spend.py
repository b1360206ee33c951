"""What AWS bills, and how often it was asked."""

from collections.abc import Sequence
from datetime import date, datetime

from pymongo import UpdateOne

from engine.models.spend import AccountBill, DayBill
from store.codec import SCHEMA_VERSION, Document, clean, encode, plain, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.transactions import Session

_NEVER = {"schema_version": SCHEMA_VERSION, "calls_day": "", "calls": 0, "attempted_at": None, "fetched_at": None}


class Bills:
    """The collections ``spend_daily``, a document for each account and day, and ``bills``, one for each account."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._days = database.spend_daily
        self._bills = database.bills

    @translated
    async def find_bills(self, tenant_id: str) -> list[AccountBill]:
        """What is known of each account's bill, by account."""
        return await find_all(self._bills, AccountBill, within(tenant_id), sort={"account_id": OLDEST_FIRST})

    @translated
    async def find_days(self, tenant_id: str, first_day: date) -> list[DayBill]:
        """The days from this one on, of all accounts, oldest first."""
        query = within(tenant_id, day={"$gte": first_day.isoformat()})
        return await find_all(self._days, DayBill, query, sort={"day": OLDEST_FIRST, "account_id": OLDEST_FIRST})

    @translated
    async def begin_fetch(
        self, tenant_id: str, account_id: str, now: datetime, *, fetched_before: datetime, attempted_before: datetime
    ) -> bool:
        """Take it on to ask AWS for its bill; False when it is known well enough or somebody else is at it."""
        row = within(tenant_id, account_id=account_id)
        await self._bills.update_one(row, {"$setOnInsert": _NEVER}, upsert=True)
        old = {"fetched_at": _unless_since(fetched_before), "attempted_at": _unless_since(attempted_before)}
        taken = await self._bills.update_one({**row, **old}, {"$set": {"attempted_at": now}})
        return bool(taken.matched_count)

    @translated
    async def take_call(self, tenant_id: str, account_id: str, day: str, most: int) -> bool:
        """Count one question to AWS; False when ``most`` were asked on this day. Days only go on, whoever's clock."""
        row = within(tenant_id, account_id=account_id)
        first_of_day = {"$set": {"calls_day": clean(day), "calls": 1}}
        if (await self._bills.update_one({**row, "calls_day": {"$lt": day}}, first_of_day)).matched_count:
            return True
        one_more = await self._bills.update_one({**row, "calls": {"$lt": most}}, {"$inc": {"calls": 1}})
        return bool(one_more.matched_count)

    @translated
    async def save_fetched(self, tenant_id: str, bill: AccountBill, days: Sequence[DayBill]) -> None:
        """Keep what AWS said, together; days that were not read stay as they are, and so does what was counted."""
        fields = plain(bill)
        changes: Document = {name: fields[name] for name in ("fetched_at", "forecast", "anomalies", "troubles")}
        writes = [_put(tenant_id, one) for one in days]

        async def write(session: Session | None) -> None:
            row = within(tenant_id, account_id=bill.account_id)
            changed = await self._bills.update_one(row, {"$set": changes}, session=session)
            if writes and changed.matched_count:  # Of an account that was deleted meanwhile nothing may come back.
                await self._days.bulk_write(writes, ordered=False, session=session)

        await self._database.transaction(write)

    @translated
    async def forget_days(self, tenant_id: str, before: date) -> None:
        """Forget days that nothing looks at any more."""
        await self._days.delete_many(within(tenant_id, day={"$lt": before.isoformat()}))


def _unless_since(moment: datetime) -> Document:
    return {"$not": {"$gte": moment}}


def _put(tenant_id: str, day: DayBill) -> UpdateOne:
    row = within(tenant_id, account_id=day.account_id, day=day.day.isoformat())
    return UpdateOne(row, {"$set": encode(tenant_id, day)}, upsert=True)

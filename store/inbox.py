"""Records that were pushed to us and have not taken effect yet."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import UpdateOne

from engine.models.inbox import InboxBatch
from engine.models.work import WorkItem
from store.codec import clean, encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.system import System


class Inbox:
    """The collection ``inbox``."""

    def __init__(self, database: Database, system: System) -> None:
        self._inbox = database.inbox
        self._system = system

    @translated
    async def save_batches(self, batches: Sequence[InboxBatch]) -> None:
        """Keep batches of any tenants; all of them or an error. A batch id that is there already is left as it is."""
        writes = [
            UpdateOne(
                within(batch.tenant_id, batch_id=batch.batch_id),
                {"$setOnInsert": {**encode(batch.tenant_id, batch), "set_aside": ""}},
                upsert=True,
            )
            for batch in batches
        ]
        if writes:
            await self._inbox.bulk_write(writes, ordered=False)

    @translated
    async def find_batches(self, tenant_id: str, account_id: str, limit: int) -> list[InboxBatch]:
        """The oldest batches of one account; those set aside are left out."""
        query = within(tenant_id, account_id=account_id, set_aside="")
        return await find_all(self._inbox, InboxBatch, query, sort={"received_at": OLDEST_FIRST}, limit=limit)

    @translated
    async def delete_batches(self, tenant_id: str, batch_ids: Sequence[str]) -> None:
        """Forget batches whose effects are committed."""
        await self._inbox.delete_many(within(tenant_id, batch_id={"$in": list(batch_ids)}))

    @translated
    async def set_aside(self, tenant_id: str, batch_id: str, reason: str) -> None:
        """Keep a batch that can never take effect for a person to look at, out of the way of those behind it."""
        await self._inbox.update_one(within(tenant_id, batch_id=batch_id), {"$set": {"set_aside": clean(reason)}})

    @translated
    async def count_set_aside(self, tenant_id: str) -> dict[str, int]:
        """Account id -> how many of its batches were set aside, for those that have any."""
        by_account = {"_id": "$account_id", "count": {"$sum": 1}}
        aside = within(tenant_id, set_aside={"$gt": ""})
        found = self._inbox.aggregate([{"$match": aside}, {"$group": by_account}])
        return {row["_id"]: row["count"] async for row in found}

    async def find_waiting(self, before: datetime, limit: int) -> list[WorkItem]:
        """INGEST work of all tenants for batches received before then, one item for each account."""
        return await self._system.find_waiting_batches(before, limit)

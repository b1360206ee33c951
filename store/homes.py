"""App Homes of people who opened theirs."""

from datetime import datetime, timedelta

from engine.models.home import Home
from store.codec import SCHEMA_VERSION, Document, decode, within
from store.database import NEWEST_FIRST, Database
from store.errors import translated
from store.system import System
from store.system.claims import claim_home, claimable_home

_MOST = 200


class Homes:
    """The collection ``homes``. A row is forgotten some days after it was opened, and the oldest of many."""

    def __init__(self, database: Database, system: System) -> None:
        self._homes = database.homes
        self._system = system

    @translated
    async def open_home(self, tenant_id: str, user_id: str, now: datetime, keep: timedelta) -> None:
        """Note that somebody opened their Home: it is due, whatever it shows."""
        fields = {"opened_at": now, "due_at": now, "shown": "", "attempts": 0, "expires_at": now + keep}
        first = {"schema_version": SCHEMA_VERSION, "claimed_until": None, "published_at": None}
        row = within(tenant_id, user_id=user_id)
        made = await self._homes.update_one(row, {"$set": fields, "$setOnInsert": first}, upsert=True)
        if made.upserted_id is not None:
            await self._forget_oldest(tenant_id)

    async def _forget_oldest(self, tenant_id: str) -> None:
        newest = self._homes.find(within(tenant_id), {"opened_at": 1}, sort=[("opened_at", NEWEST_FIRST)], skip=_MOST)
        too_many = [document["_id"] async for document in newest]
        if too_many:
            await self._homes.delete_many({**within(tenant_id), "_id": {"$in": too_many}})

    @translated
    async def hasten(self, tenant_id: str, now: datetime) -> None:
        """Make all Homes of the tenant due: something has changed."""
        await self._homes.update_many(within(tenant_id, due_at={"$gt": now}), {"$set": {"due_at": now}})

    async def claim_due(self, now: datetime, gap: timedelta, lease_seconds: float) -> tuple[str, Home] | None:
        """Take the (tenant id, home) that is due longest and was not published within ``gap``, until the lease ends."""
        return await self._system.claim_due_home(now, gap, lease_seconds)

    @translated
    async def claim_one(
        self, tenant_id: str, user_id: str, now: datetime, gap: timedelta, lease_seconds: float
    ) -> Home | None:
        """Take this Home, as ``claim_due`` would, or None when it is not due or somebody has it."""
        query = within(tenant_id, user_id=user_id, **claimable_home(now, gap))
        document = await self._homes.find_one_and_update(query, claim_home(now, lease_seconds))
        return decode(Home, document) if document else None

    @translated
    async def save_home(self, tenant_id: str, before: Home, after: Home) -> None:
        """Write what became of a Home that was claimed as ``before``, and let it go.

        What was opened or hastened meanwhile stays due.
        """
        changes: Document = {
            "due_at": after.due_at,
            "shown": after.shown,
            "published_at": after.published_at,
            "attempts": after.attempts,
            "claimed_until": None,
        }
        row = within(tenant_id, user_id=before.user_id)
        untouched = {**row, "due_at": before.due_at, "opened_at": before.opened_at}
        if not (await self._homes.update_one(untouched, {"$set": changes})).matched_count:
            kept = {"published_at": after.published_at, "claimed_until": None}
            await self._homes.update_one(row, {"$set": kept})

    @translated
    async def delete_home(self, tenant_id: str, user_id: str) -> None:
        """Forget a Home that can no longer be published."""
        await self._homes.delete_one(within(tenant_id, user_id=user_id))

    @translated
    async def find_home(self, tenant_id: str, user_id: str) -> Home | None:
        """The Home of somebody who opened it lately."""
        document = await self._homes.find_one(within(tenant_id, user_id=user_id))
        return decode(Home, document) if document else None

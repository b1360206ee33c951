"""Requests with an idempotency key."""

from datetime import datetime

from engine.models.idempotency import IdempotentRequest
from store.codec import decode, encode, within
from store.database import Database
from store.errors import translated


class Idempotency:
    """The collection ``idempotency``. MongoDB forgets rows by itself when they expire."""

    def __init__(self, database: Database) -> None:
        self._rows = database.idempotency

    @translated
    async def begin(self, tenant_id: str, request: IdempotentRequest) -> IdempotentRequest | None:
        """Keep a request that is new, and give None; give the one that is there already under its key."""
        row = within(tenant_id, subject=request.subject, key=request.key)
        found = await self._rows.find_one_and_update(row, {"$setOnInsert": encode(tenant_id, request)}, upsert=True)
        return decode(IdempotentRequest, found) if found else None

    @translated
    async def take_over(self, tenant_id: str, found: IdempotentRequest, until: datetime) -> bool:
        """Claim a request whose worker is gone; False when somebody else was faster."""
        row = within(tenant_id, subject=found.subject, key=found.key, answer="", claimed_until=found.claimed_until)
        taken = await self._rows.update_one(row, {"$set": {"claimed_until": until}})
        return taken.modified_count == 1

    @translated
    async def finish(self, tenant_id: str, subject: str, key: str, answer: str) -> None:
        """Keep the answer."""
        await self._rows.update_one(within(tenant_id, subject=subject, key=key), {"$set": {"answer": answer}})

    @translated
    async def let_go(self, tenant_id: str, subject: str, key: str, now: datetime) -> None:
        """End the claim, so that the request may be taken up again at once."""
        row = within(tenant_id, subject=subject, key=key, answer="")
        await self._rows.update_one(row, {"$set": {"claimed_until": now}})

    @translated
    async def forget(self, tenant_id: str, subject: str, key: str) -> None:
        """Drop a request that had no effect."""
        await self._rows.delete_one(within(tenant_id, subject=subject, key=key))

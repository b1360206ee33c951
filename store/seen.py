"""Ids of deliveries from outside that took effect, or are about to, so that a repeated one does nothing."""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from store.codec import SCHEMA_VERSION, clean
from store.database import Database
from store.errors import translated


class Seen:
    """The collection ``seen``. It belongs to the installation: whose delivery it is shows only when it is read.

    Ids are forgotten after ``retention``, which is longer than anybody repeats a delivery.
    """

    def __init__(self, database: Database, retention: timedelta) -> None:
        self._retention = retention
        self._seen = database.seen

    @translated
    async def is_seen(self, source: str, delivery_id: str) -> bool:
        """Whether this delivery took effect already."""
        return await self._seen.find_one({"_id": _name(source, delivery_id)}, {"_id": 1}) is not None

    @translated
    async def mark_seen(self, source: str, delivery_id: str, now: datetime) -> None:
        """Note that it did."""
        row = {"schema_version": SCHEMA_VERSION, "expires_at": now + self._retention}
        await self._seen.update_one({"_id": _name(source, delivery_id)}, {"$setOnInsert": row}, upsert=True)

    @translated
    async def claim(self, source: str, delivery_id: str, expires_at: datetime) -> bool:
        """Take a delivery until then; False for whoever comes second, also at the same moment."""
        row = {"schema_version": SCHEMA_VERSION, "expires_at": expires_at}
        try:
            made = await self._seen.update_one({"_id": _name(source, delivery_id)}, {"$setOnInsert": row}, upsert=True)
        except DuplicateKeyError:
            return False
        return made.upserted_id is not None


def _name(source: str, delivery_id: str) -> str:
    return clean(f"{source}:{delivery_id}")

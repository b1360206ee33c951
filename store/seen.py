"""Ids of deliveries from outside that took effect, or are about to, so that a repeated one does nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from store.codec import SCHEMA_VERSION, clean
from store.database import Database
from store.errors import translated

_TAKEN = 11000  # MongoDB's number for a key that another one made at the same moment.


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
    async def claim_all(self, source: str, delivery_ids: Sequence[str], expires_at: datetime) -> list[bool]:
        """Take deliveries, one at least, until then; False for each that was taken before, also at the same moment."""
        names = [_name(source, one) for one in delivery_ids]
        taken = await self._take(dict.fromkeys(names), expires_at)
        firsts = {name: place for place, name in reversed([*enumerate(names)])}
        return [name in taken and firsts[name] == place for place, name in enumerate(names)]

    async def _take(self, names: Iterable[str], expires_at: datetime) -> set[str]:
        row = {"schema_version": SCHEMA_VERSION, "expires_at": expires_at}
        writes = [UpdateOne({"_id": name}, {"$setOnInsert": row}, upsert=True) for name in names]
        try:
            made = await self._seen.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if any(one["code"] != _TAKEN for one in error.details["writeErrors"]):
                raise
            return {one["_id"] for one in error.details["upserted"]}
        return set((made.upserted_ids or {}).values())


def _name(source: str, delivery_id: str) -> str:
    return clean(f"{source}:{delivery_id}")

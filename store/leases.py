"""Leases: rights that one process holds at a time, and that end by themselves when it dies.

Only MongoDB's clock counts (``$$NOW``), so processes whose own clocks are minutes apart agree on who holds what.
"""

from typing import Any

from pymongo import ReturnDocument

from engine.models.lease import Lease
from store.codec import SCHEMA_VERSION, Document, clean
from store.database import Database
from store.errors import translated

_IS_OVER = {"$lte": [{"$ifNull": ["$expires_at", "$$NOW"]}, "$$NOW"]}


class Leases:
    """The collection ``leases``: one document for each lease, named by its ``_id``. It belongs to no tenant."""

    def __init__(self, database: Database) -> None:
        self._leases = database.leases

    @translated
    async def acquire(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Take the lease when nobody holds it; None when somebody does, be it ``holder`` itself."""
        taken = await self._leases.find_one_and_update(
            {"_id": clean(name)},
            [{"$set": {"schema_version": SCHEMA_VERSION, **_taken_if_over(clean(holder), seconds)}}],
            upsert=True,
            projection={"holder": 1, "fence": 1, "was_over": 1},
            return_document=ReturnDocument.AFTER,
        )
        return Lease(name, holder, taken["fence"]) if taken["was_over"] else None

    @translated
    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Hold on for so many seconds from now; False when the lease ended meanwhile, and must be acquired anew."""
        query = {**_held(lease), "$expr": {"$not": [_IS_OVER]}}
        result = await self._leases.update_one(query, [{"$set": {"expires_at": _in_seconds(seconds)}}])
        return bool(result.matched_count)

    @translated
    async def release(self, lease: Lease) -> None:
        """Let the next one have it at once; one that was lost already stays with whoever has it."""
        await self._leases.update_one(_held(lease), [{"$set": {"expires_at": "$$NOW"}}])

    @translated
    async def release_all(self) -> None:
        """Let the next ones have every lease at once, whoever holds it; for when all who could hold one are dead."""
        await self._leases.update_many({}, [{"$set": {"expires_at": "$$NOW"}}])


def _held(lease: Lease) -> Document:
    return {"_id": clean(lease.name), "fence": lease.fence}


def _taken_if_over(holder: str, seconds: float) -> Document:
    """Return the fields after an attempt; in an aggregation stage all expressions see the document of before."""
    return {
        "was_over": _IS_OVER,
        "holder": {"$cond": [_IS_OVER, {"$literal": holder}, "$holder"]},
        "fence": {"$add": [{"$ifNull": ["$fence", 0]}, {"$cond": [_IS_OVER, 1, 0]}]},
        "expires_at": {"$cond": [_IS_OVER, _in_seconds(seconds), "$expires_at"]},
    }


def _in_seconds(seconds: float) -> dict[str, Any]:
    return {"$add": ["$$NOW", round(seconds * 1000)]}

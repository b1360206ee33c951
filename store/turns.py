"""Whose turn it is to post in a channel, over all processes that post.

Only MongoDB's clock counts (``$$NOW``), so processes whose own clocks are minutes apart agree.
"""

from typing import Any

from pymongo import ReturnDocument

from store.codec import SCHEMA_VERSION, within
from store.database import Database
from store.errors import translated

_FREE_AT = {"$max": [{"$ifNull": ["$next_at", "$$NOW"]}, "$$NOW"]}
_WAIT_MS = {"$subtract": [_FREE_AT, "$$NOW"]}


class Turns:
    """The collection ``channel_turns``: for each channel the moment from which it may take its next message."""

    def __init__(self, database: Database) -> None:
        self._turns = database.channel_turns

    @translated
    async def take(self, tenant_id: str, channel_id: str, interval: float, patience: float) -> float:
        """Take the channel's next turn and return the seconds until it comes; the one after comes ``interval`` later.

        More than ``patience`` says how long the channel is busy, and that no turn was taken.
        """
        taken = {"$lte": [_WAIT_MS, round(patience * 1000)]}
        after = {"$add": [_FREE_AT, round(interval * 1000)]}
        turn = await self._turns.find_one_and_update(
            within(tenant_id, channel_id=channel_id),
            [
                {
                    "$set": {
                        "schema_version": SCHEMA_VERSION,
                        "wait_ms": _WAIT_MS,
                        "next_at": {"$cond": [taken, after, "$next_at"]},
                    }
                }
            ],
            upsert=True,
            projection={"wait_ms": 1},
            return_document=ReturnDocument.AFTER,
        )
        return float(turn["wait_ms"]) / 1000

    @translated
    async def defer(self, tenant_id: str, channel_id: str, seconds: float) -> None:
        """Let the channel take nothing for so many seconds from now; turns that were taken stay taken."""
        until: dict[str, Any] = {"$add": ["$$NOW", round(seconds * 1000)]}
        await self._turns.update_one(
            within(tenant_id, channel_id=channel_id),
            [{"$set": {"schema_version": SCHEMA_VERSION, "next_at": {"$max": [_FREE_AT, until]}}}],
            upsert=True,
        )

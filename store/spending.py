"""What runs: sums, and what has reached its limit."""

from datetime import datetime

from engine.models.spend import Seen, SpendKey
from store.codec import Document, decode, within
from store.database import OLDEST_FIRST, Database
from store.errors import translated

_MILLISECONDS_AN_HOUR = 3_600_000


class Spending:
    """Reads the collection ``resources``."""

    def __init__(self, database: Database) -> None:
        self._resources = database.resources

    @translated
    async def sum_running(self, tenant_id: str) -> dict[str, float]:
        """Account id -> USD per hour of all its running resources with a known price."""
        priced = within(tenant_id, running=True, hourly_cost={"$ne": None})
        by_account = {"_id": "$account_id", "hourly_cost": {"$sum": "$hourly_cost"}}
        sums = self._resources.aggregate([{"$match": priced}, {"$group": by_account}])
        return {row["_id"]: float(row["hourly_cost"]) async for row in sums}

    @translated
    async def sum_spent(self, tenant_id: str, since: datetime, until: datetime) -> float:
        """USD that all resources with a known price cost in a time, as far as their present or last run tells."""
        lived = {"$or": [{"running": True}, {"stopped_at": {"$gt": since}}], "since": {"$lt": until}}
        priced = within(tenant_id, hourly_cost={"$ne": None}, **lived)
        spent = {"_id": None, "usd": {"$sum": {"$multiply": ["$hourly_cost", _hours(since, until)]}}}
        sums = self._resources.aggregate([{"$match": priced}, {"$group": spent}])
        return sum([float(row["usd"]) async for row in sums])

    @translated
    async def sum_seen(
        self, tenant_id: str, by: SpendKey, since: datetime, until: datetime, *, added_since: datetime
    ) -> list[Seen]:
        """What all resources with a known price cost, by account and ``by``; as ``sum_spent`` and ``sum_running``."""
        lived = {"$or": [{"running": True}, {"stopped_at": {"$gt": since}}], "since": {"$lt": until}}
        running = {"$cond": ["$running", "$hourly_cost", 0.0]}
        is_new = {"$and": ["$running", {"$gte": ["$since", added_since]}]}
        row = {
            "_id": {"account_id": "$account_id", "key": f"${by.value}"},
            "spent_usd": {"$sum": {"$multiply": ["$hourly_cost", _hours(since, until)]}},
            "hourly_cost": {"$sum": running},
            "added_hourly_cost": {"$sum": {"$cond": [is_new, "$hourly_cost", 0.0]}},
        }
        priced = within(tenant_id, hourly_cost={"$ne": None}, **lived)
        sums = self._resources.aggregate([{"$match": priced}, {"$group": row}])
        return [decode(Seen, {**document, **document["_id"]}) async for document in sums]

    @translated
    async def find_past_limit(self, tenant_id: str, account_id: str, now: datetime, limit: int) -> list[str]:
        """Ids of the account's resources that run past their ``ends_by``, the longest past first."""
        query = within(tenant_id, running=True, account_id=account_id, ends_by={"$lte": now})
        found = self._resources.find(query, {"_id": 0, "resource_id": 1}).sort("ends_by", OLDEST_FIRST).limit(limit)
        return [document["resource_id"] async for document in found]


def _hours(since: datetime, until: datetime) -> Document:
    """The hours of a time in which a resource ran, as far as its present or last run tells."""
    began = {"$max": ["$since", since]}
    ended = {"$cond": ["$running", until, {"$min": ["$stopped_at", until]}]}
    return {"$divide": [{"$max": [0, {"$subtract": [ended, began]}]}, _MILLISECONDS_AN_HOUR]}

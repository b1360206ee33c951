"""What runs: sums, and what has reached its limit."""

from datetime import datetime

from store.codec import within
from store.database import OLDEST_FIRST, Database
from store.errors import translated


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
    async def find_past_limit(self, tenant_id: str, account_id: str, now: datetime, limit: int) -> list[str]:
        """Ids of the account's resources that run past their ``ends_by``, the longest past first."""
        query = within(tenant_id, running=True, account_id=account_id, ends_by={"$lte": now})
        found = self._resources.find(query, {"_id": 0, "resource_id": 1}).sort("ends_by", OLDEST_FIRST).limit(limit)
        return [document["resource_id"] async for document in found]

"""Sums over what runs."""

from store.codec import within
from store.database import Database
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

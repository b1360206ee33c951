"""Sums over the cost events that are kept."""

from engine.models.cost_event import Change
from engine.models.observation import ObservedType
from store.codec import Document, decode, within
from store.database import NEWEST_FIRST, Database
from store.errors import translated

_LONGEST_MS = 10_000
_BY_TYPE: Document = {
    "$group": {
        "_id": {"service": "$service", "resource_type": "$resource_type"},
        "launches": {"$sum": 1},
        "mean": {"$avg": "$hourly_cost"},
        "deviation": {"$stdDevPop": "$hourly_cost"},
        "most": {"$max": "$hourly_cost"},
    }
}


class Observations:
    """Reads the collection ``cost_events``."""

    def __init__(self, database: Database) -> None:
        self._cost_events = database.cost_events

    @translated
    async def find_types(self, tenant_id: str, account_id: str, limit: int) -> list[ObservedType]:
        """What was started in an account, by type, the most frequent first."""
        started = within(tenant_id, account_id=account_id, change=Change.START.value)
        order = {"launches": NEWEST_FIRST, "_id.service": 1, "_id.resource_type": 1}
        stages = [{"$match": started}, _BY_TYPE, {"$sort": order}, {"$limit": limit}]
        rows = self._cost_events.aggregate(stages, maxTimeMS=_LONGEST_MS)
        return [decode(ObservedType, {**row, **row["_id"]}) async for row in rows]

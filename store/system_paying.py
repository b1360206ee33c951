"""The look-ups of billing that span tenants, by name, as those in ``store/system/`` are."""

from collections.abc import Mapping
from datetime import datetime

from engine.entitlements import UNWATCHED
from engine.models.billing import Billing
from store.codec import clean, decode
from store.database import Database
from store.errors import translated

_FIELDS = {"tenant_id": 1, "billing": 1}


class PayingTenants:
    """Questions of billing that span tenants, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translated
    async def find_tenant_by_customer(self, customer_id: str) -> str | None:
        """The tenant of a customer."""
        if not customer_id:
            return None
        query = {"billing.customer_id": clean(customer_id)}
        document = await self._database.tenants.find_one(query, _FIELDS)
        return None if document is None else str(document["tenant_id"])

    @translated
    async def find_paying_tenants(self) -> list[tuple[str, Billing]]:
        """(tenant id, where it stands) of all with a customer."""
        found = self._database.tenants.find({"billing.customer_id": {"$gt": ""}}, _FIELDS)
        return [(document["tenant_id"], decode(Billing, document["billing"])) async for document in found]

    @translated
    async def count_watched(self) -> Mapping[str, int]:
        """Tenant id -> AWS accounts that are watched, of all tenants that have any."""
        unwatched = sorted(status.value for status in UNWATCHED)
        watched = {"status": {"$nin": unwatched}, "paused_at": None}
        rows = self._database.accounts.aggregate(
            [{"$match": watched}, {"$group": {"_id": "$tenant_id", "count": {"$sum": 1}}}]
        )
        return {row["_id"]: row["count"] async for row in rows}

    @translated
    async def resume_all(self) -> int:
        """Watch again whatever a plan kept from being watched; gives how many accounts. For where nobody pays."""
        result = await self._database.accounts.update_many({"paused_at": {"$ne": None}}, {"$set": {"paused_at": None}})
        return result.modified_count

    @translated
    async def find_ended_graces(self, now: datetime) -> list[str]:
        """Ids of the tenants whose time of grace is over and not yet acted on."""
        found = self._database.tenants.find({"billing.grace_until": {"$lte": now}}, _FIELDS)
        return [document["tenant_id"] async for document in found]

"""Customers."""

from engine.errors import NotFound
from engine.models.account import Tenant
from store.codec import decode, encode, within
from store.database import Database
from store.errors import translated


class Tenants:
    """The collection ``tenants``."""

    def __init__(self, database: Database) -> None:
        self._tenants = database.tenants

    @translated
    async def find_tenant(self, tenant_id: str) -> Tenant:
        """Raise NotFound when there is none."""
        document = await self._tenants.find_one(within(tenant_id))
        if document is None:
            raise NotFound(f"There is no tenant {tenant_id!r}.")
        return decode(Tenant, document)

    @translated
    async def save_tenant(self, tenant: Tenant) -> None:
        """Insert or change the tenant; raise Conflict when another one has its Slack team."""
        changes = {"$set": encode(tenant.tenant_id, tenant)}
        await self._tenants.update_one(within(tenant.tenant_id), changes, upsert=True)

"""Customers."""

from collections.abc import Mapping

from engine.errors import NotFound
from engine.models.account import Role, Tenant
from engine.models.audit import AuditRecord
from engine.models.schedule import DigestSchedule
from store.audit import Audit
from store.codec import clean, decode, encode, plain, within
from store.database import Database
from store.errors import translated
from store.transactions import Session


class Tenants:
    """The collection ``tenants``."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._tenants = database.tenants

    @translated
    async def find_tenant(self, tenant_id: str) -> Tenant:
        """Raise NotFound when there is none."""
        document = await self._tenants.find_one(within(tenant_id))
        if document is None:
            raise NotFound(f"There is no tenant {tenant_id!r}.")
        return decode(Tenant, document)

    @translated
    async def save_digest(self, tenant_id: str, schedule: DigestSchedule, record: AuditRecord) -> None:
        """Change when the digest comes, and nothing else."""

        async def write(session: Session | None) -> None:
            changes = {"$set": {"digest": plain(schedule)}}
            await self._tenants.update_one(within(tenant_id), changes, session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def save_roles(self, tenant_id: str, roles: Mapping[str, Role], record: AuditRecord) -> None:
        """Give these Slack users these roles, and leave all others theirs."""

        async def write(session: Session | None) -> None:
            changes = {"$set": {f"roles.{user_id}": role.value for user_id, role in roles.items()}}
            await self._tenants.update_one(within(tenant_id), changes, session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def save_tenant(self, tenant: Tenant, record: AuditRecord | None = None) -> None:
        """Insert or change the tenant, with a given record; raise Conflict when another one has its Slack team.

        Roles stay as they are: whoever read the tenant before one was taken away must not bring it back.
        """
        fields = encode(tenant.tenant_id, tenant)
        del fields["roles"]
        changes = {"$set": fields}

        async def write(session: Session | None) -> None:
            await self._tenants.update_one(within(tenant.tenant_id), changes, upsert=True, session=session)
            if record is not None:
                await self._audit.add(tenant.tenant_id, record, session)

        await (write(None) if record is None else self._database.transaction(write))

    @translated
    async def lose_channel(self, tenant_id: str, channel_id: str) -> bool:
        """Note that this channel takes no cards; False when that was known. Of many at once, one is told True."""
        query = within(tenant_id, lost_channel_id={"$ne": channel_id})
        result = await self._tenants.update_one(query, {"$set": {"lost_channel_id": clean(channel_id)}})
        return bool(result.matched_count)

    @translated
    async def regain_channel(self, tenant_id: str, channel_id: str) -> None:
        """Note that this channel takes cards."""
        query = within(tenant_id, lost_channel_id=channel_id)
        await self._tenants.update_one(query, {"$set": {"lost_channel_id": ""}})

"""Customers."""

from collections.abc import Mapping

from engine.errors import NotFound
from engine.models.account import Role, Tenant
from engine.models.audit import AuditRecord
from engine.models.routing import Route
from engine.models.schedule import DigestSchedule
from store.audit import Audit
from store.codec import Document, clean, decode, encode, plain, within
from store.database import Database
from store.errors import translated
from store.silences import judge_again
from store.transactions import Session

_BY_THEMSELVES = (
    "roles",
    "routes",
    "alert_budget",
    "lost_channel_ids",
    "operator_panic",
    "untold_since",
    "strict_set_by",
    "zombie_thresholds",
)


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
        await self._change(tenant_id, record, {"$set": {"digest": plain(schedule)}})

    @translated
    async def save_roles(self, tenant_id: str, roles: Mapping[str, Role], record: AuditRecord) -> None:
        """Give these Slack users these roles, and leave all others theirs."""
        given = {f"roles.{user_id}": role.value for user_id, role in roles.items()}
        await self._change(tenant_id, record, {"$set": given})

    @translated
    async def save_zombie_thresholds(
        self, tenant_id: str, changes: Mapping[str, float | None], record: AuditRecord
    ) -> None:
        """Set these thresholds, forget those that are None, and leave all others."""
        chosen = {f"zombie_thresholds.{name}": value for name, value in changes.items() if value is not None}
        usual = {f"zombie_thresholds.{name}": "" for name, value in changes.items() if value is None}
        change = {**({"$set": chosen} if chosen else {}), **({"$unset": usual} if usual else {})}
        await self._change(tenant_id, record, change)

    @translated
    async def save_tenant(self, tenant: Tenant, record: AuditRecord | None = None) -> None:
        """Insert or change the tenant, with a given record; raise Conflict when another one has its Slack team.

        What has its own method stays as it is: whoever read the tenant before a role was taken away must not bring it
        back.
        """
        fields = encode(tenant.tenant_id, tenant)
        for name in _BY_THEMSELVES:
            del fields[name]
        changes = {"$set": fields}

        async def write(session: Session | None) -> None:
            await self._tenants.update_one(within(tenant.tenant_id), changes, upsert=True, session=session)
            if record is not None:
                await self._audit.add(tenant.tenant_id, record, session)

        await (write(None) if record is None else self._database.transaction(write))

    @translated
    async def lose_channel(self, tenant_id: str, channel_id: str) -> bool:
        """Note that this channel takes no cards; False when that was known. Of many at once, one is told True."""
        query = within(tenant_id, lost_channel_ids={"$ne": channel_id})
        result = await self._tenants.update_one(query, {"$push": {"lost_channel_ids": clean(channel_id)}})
        return bool(result.matched_count)

    @translated
    async def regain_channel(self, tenant_id: str, channel_id: str) -> None:
        """Note that this channel takes cards."""
        query = within(tenant_id, lost_channel_ids=channel_id)
        await self._tenants.update_one(query, {"$pull": {"lost_channel_ids": clean(channel_id)}})

    @translated
    async def save_alert_channel(self, tenant_id: str, channel_id: str, record: AuditRecord) -> None:
        """Send all cards that have no route to another channel, and nothing else."""
        await self._change(tenant_id, record, {"$set": {"alert_channel_id": clean(channel_id)}})

    @translated
    async def save_alert_budget(self, tenant_id: str, budget: int, record: AuditRecord) -> None:
        """Change how many cards a channel takes a day, and nothing else."""
        await self._change(tenant_id, record, {"$set": {"alert_budget": budget}})

    @translated
    async def save_strict_choice(self, tenant_id: str, set_by: str, record: AuditRecord) -> None:
        """Note who chose strict mode for all accounts, "" for nobody any more; what was judged is judged again."""

        async def write(session: Session | None) -> None:
            chosen = {"$set": {"strict_set_by": clean(set_by)}}
            await self._tenants.update_one(within(tenant_id), chosen, session=session)
            await judge_again(self._database, tenant_id, session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def save_route(self, tenant_id: str, route: Route, record: AuditRecord) -> None:
        """Set the one route of its case, and leave all others as they are."""
        await self._change(tenant_id, record, _without(route), {"$push": {"routes": plain(route)}})

    @translated
    async def delete_route(self, tenant_id: str, route: Route, record: AuditRecord) -> None:
        """Take the route of this case away, if there still is one."""
        await self._change(tenant_id, record, _without(route))

    async def _change(self, tenant_id: str, record: AuditRecord, *changes: Document) -> None:
        async def write(session: Session | None) -> None:
            for one in changes:
                await self._tenants.update_one(within(tenant_id), one, session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)


def _without(route: Route) -> Document:
    severity = None if route.severity is None else route.severity.value
    return {"$pull": {"routes": {"account_id": clean(route.account_id), "severity": severity}}}

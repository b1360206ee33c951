"""Deleting what we know of accounts and tenants that leave."""

from collections.abc import Mapping

import msgspec

from engine.audit import of_tombstone, tombstone_of
from engine.models.account import AccountStatus
from engine.models.audit import TOMBSTONES
from engine.models.leaving import Tombstone
from engine.models.spend import BudgetKind
from store.audit import Audit
from store.codec import clean, within
from store.database import Collection, Database
from store.errors import translated
from store.transactions import Session

_OF_ACCOUNTS = (
    "access_keys",
    "inbox",
    "outbox",
    "posts",
    "cost_events",
    "resources",
    "baselines",
    "verdicts",
    "expectations",
    "snoozes",
    "anomalies",
    "flags_state",
    "webhook_deliveries",
    "zombies",
    "zombie_scans",
    "spend_daily",
    "spend_tags",
    "bills",
)
# What belongs to no account of a tenant's, or may.
_OF_TENANTS = (
    "users",
    "sessions",
    "api_keys",
    "installations",
    "trackers",
    "budgets",
    "homes",
    "posts",
    "card_budgets",
    "channel_turns",
    "idempotency",
    "webhooks",
    "webhook_deliveries",
    "zombie_asks",
)
_COUNTED = ("users", "api_keys", "installations")
_PURGED = "purged"


class Leaving:
    """Touches every collection. How much was deleted is counted on the account's own row until that goes too."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    @translated
    async def delete_some(self, tenant_id: str, account_id: str, limit: int) -> int:
        """Delete at most ``limit`` documents of each collection that belong to the account; 0 when nothing is left."""
        deleted = 0
        for name in _OF_ACCOUNTS:
            deleted += await self._delete_from(name, tenant_id, account_id, limit)
        return deleted

    async def _delete_from(self, name: str, tenant_id: str, account_id: str, limit: int) -> int:
        """Delete and count in one transaction, so that the count is right whenever a purge was interrupted."""
        collection: Collection = self._database.motor[name]
        found = collection.find(within(tenant_id, account_id=account_id), {"_id": 1}, limit=limit)
        ids = [document["_id"] async for document in found]
        if not ids:
            return 0
        account = within(tenant_id, account_id=account_id)

        async def write(session: Session | None) -> int:
            gone = await collection.delete_many({**within(tenant_id), "_id": {"$in": ids}}, session=session)
            counted = {"$inc": {f"{_PURGED}.{name}": gone.deleted_count}}
            await self._database.accounts.update_one(account, counted, session=session)
            return gone.deleted_count

        return await self._database.transaction(write)

    @translated
    async def count_deleted(self, tenant_id: str, account_id: str) -> Mapping[str, int]:
        """Collection -> documents deleted so far."""
        row = await self._database.accounts.find_one(within(tenant_id, account_id=account_id), {_PURGED: 1})
        return dict((row or {}).get(_PURGED, {}))

    @translated
    async def delete_account(self, tombstone: Tombstone) -> None:
        """Delete the account that is disconnecting and its owner, and set up its tombstone, together."""
        tenant_id, account_id = tombstone.tenant_id, tombstone.account_id
        account = within(tenant_id, account_id=account_id, status=AccountStatus.DISCONNECTING.value)

        async def write(session: Session | None) -> None:
            if (await self._database.accounts.delete_one(account, session=session)).deleted_count:
                await self._database.account_owners.delete_one(
                    within(tenant_id, _id=clean(account_id)), session=session
                )
                # An account belongs to one tenant, so what is known of its log files is that tenant's alone.
                of_account = {"account_id": clean(account_id)}
                budget = within(tenant_id, kind=BudgetKind.ACCOUNT.value, subject=account_id)
                await self._database.budgets.delete_many(budget, session=session)
                await self._database.trail_files.delete_many(of_account, session=session)
                await self._database.trails.delete_many(of_account, session=session)
                await self._audit.add(tenant_id, of_tombstone(tombstone), session)

        await self._database.transaction(write)

    @translated
    async def delete_tenant(self, tombstone: Tombstone) -> None:
        """Delete a tenant without accounts, its people, keys, tokens, posts and audit log, and set up its tombstone.

        That is one transaction. The tombstone also counts what is deleted here; those of the accounts stay beside it.
        """
        tenant_id, tenant = tombstone.tenant_id, within(tombstone.tenant_id)
        database = self._database

        async def write(session: Session | None) -> None:
            if not (await database.tenants.delete_one(tenant, session=session)).deleted_count:
                return
            gone = {}
            for name in _OF_TENANTS:
                collection: Collection = database.motor[name]
                gone[name] = (await collection.delete_many(tenant, session=session)).deleted_count
            counts = {
                **tombstone.counts,
                **{name: gone[name] for name in _COUNTED},
                "audit_log": await self._audit.thin_out(tenant_id, session),
            }
            counted = msgspec.structs.replace(tombstone, counts=counts)
            await self._audit.add(tenant_id, of_tombstone(counted), session)

        await database.transaction(write)

    @translated
    async def find_tombstones(self, tenant_id: str) -> list[Tombstone]:
        """What was deleted of a tenant, oldest first."""
        entries = (await self._audit.find_chain(tenant_id)).entries
        return [tombstone_of(entry) for entry in entries if entry.action in TOMBSTONES]

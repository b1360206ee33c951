"""Keys with which programs speak to the bot."""

from datetime import datetime

from engine.audit import of_key
from engine.errors import NotFound
from engine.models.api_key import ApiKey
from engine.models.audit import AuditAction
from store.audit import Audit
from store.codec import decode, encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.system import System
from store.transactions import Session


class ApiKeys:
    """The collection ``api_keys``. It holds no key, only their hashes."""

    def __init__(self, database: Database, system: System, audit: Audit) -> None:
        self._database = database
        self._keys = database.api_keys
        self._system = system
        self._audit = audit

    @translated
    async def insert_key(self, key: ApiKey, by: str) -> None:
        """Keep a new key, and record who made it; raise Conflict when its id is taken."""
        record = of_key(key, AuditAction.KEY_CREATED, by, key.created_at)

        async def write(session: Session | None) -> None:
            await self._keys.insert_one(encode(key.tenant_id, key), session=session)
            await self._audit.add(key.tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def find_keys(self, tenant_id: str) -> list[ApiKey]:
        """All keys of the tenant, oldest first, with those that were revoked."""
        return await find_all(self._keys, ApiKey, within(tenant_id), sort={"created_at": OLDEST_FIRST})

    @translated
    async def revoke_key(self, tenant_id: str, key_id: str, now: datetime, by: str) -> None:
        """End a key for good, and record who did; raise NotFound when this tenant has none of that id that works."""
        working = within(tenant_id, key_id=key_id, revoked_at=None)

        async def write(session: Session | None) -> None:
            found = await self._keys.find_one_and_update(working, {"$set": {"revoked_at": now}}, session=session)
            if found is None:
                raise NotFound(f"There is no working key {key_id!r}.")
            record = of_key(decode(ApiKey, found), AuditAction.KEY_REVOKED, by, now)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def touch_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """Note that the key was used."""
        await self._keys.update_one(within(tenant_id, key_id=key_id), {"$set": {"last_used_at": now}})

    async def find_key(self, digest: str) -> ApiKey | None:
        """The key of any tenant with this SHA-256, whether it still works or not."""
        return await self._system.find_api_key(digest)

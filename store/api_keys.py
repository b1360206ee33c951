"""Keys with which programs speak to the bot."""

from datetime import datetime

from engine.errors import NotFound
from engine.models.api_key import ApiKey
from store.codec import encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.system import System


class ApiKeys:
    """The collection ``api_keys``. It holds no key, only their hashes."""

    def __init__(self, database: Database, system: System) -> None:
        self._keys = database.api_keys
        self._system = system

    @translated
    async def insert_key(self, key: ApiKey) -> None:
        """Keep a new key; raise Conflict when its id is taken."""
        await self._keys.insert_one(encode(key.tenant_id, key))

    @translated
    async def find_keys(self, tenant_id: str) -> list[ApiKey]:
        """All keys of the tenant, oldest first, with those that were revoked."""
        return await find_all(self._keys, ApiKey, within(tenant_id), sort={"created_at": OLDEST_FIRST})

    @translated
    async def revoke_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """End a key for good; raise NotFound when this tenant has none of that id that still works."""
        working = within(tenant_id, key_id=key_id, revoked_at=None)
        if not (await self._keys.update_one(working, {"$set": {"revoked_at": now}})).matched_count:
            raise NotFound(f"There is no working key {key_id!r}.")

    @translated
    async def touch_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """Note that the key was used."""
        await self._keys.update_one(within(tenant_id, key_id=key_id), {"$set": {"last_used_at": now}})

    async def find_key(self, digest: str) -> ApiKey | None:
        """The key of any tenant with this SHA-256, whether it still works or not."""
        return await self._system.find_api_key(digest)

"""The keys that open AWS accounts, with their secrets sealed."""

from datetime import datetime

from engine.errors import NotFound
from engine.models.access_key import AccessKey, SealedAccessKey
from store.codec import decode, within
from store.database import Database
from store.errors import translated
from store.installations import Cipher
from store.system import System


class AccessKeys:
    """The collection ``access_keys``: one document for each account without a role; ``store.accounts`` writes it."""

    def __init__(self, database: Database, system: System, cipher: Cipher) -> None:
        self._keys = database.access_keys
        self._system = system
        self._cipher = cipher

    def seal(self, tenant_id: str, account_id: str, key: AccessKey, by: str, at: datetime) -> SealedAccessKey:
        """Give a key as it is stored with its account: it opens for that tenant's account and for no other."""
        secret = self._cipher.seal(key.secret, _bound_to(tenant_id, account_id))
        return SealedAccessKey(account_id=account_id, key_id=key.key_id, secret=secret, given_by=by, given_at=at)

    def unseal(self, tenant_id: str, row: SealedAccessKey) -> AccessKey:
        """Give it ready for use. Raises UpstreamError when its secret does not open."""
        secret = self._cipher.unseal(row.secret, _bound_to(tenant_id, row.account_id))
        return AccessKey(key_id=row.key_id, secret=secret)

    @translated
    async def find_key(self, tenant_id: str, account_id: str) -> AccessKey:
        """The key of an account. Raises NotFound when it has none, UpstreamError when its secret does not open."""
        document = await self._keys.find_one(within(tenant_id, account_id=account_id))
        if document is None:
            raise NotFound(f"AWS account {account_id!r} has no access key.")
        return self.unseal(tenant_id, decode(SealedAccessKey, document))

    async def find_outdated(self) -> list[tuple[str, SealedAccessKey]]:
        """(tenant id, key as it is stored) of all whose secret an older key sealed."""
        everything = await self._system.find_all_access_keys()
        return [(tenant_id, row) for tenant_id, row in everything if not self._cipher.is_current(row.secret)]

    @translated
    async def reseal(self, tenant_id: str, row: SealedAccessKey) -> bool:
        """Seal with the newest key; False when the row changed meanwhile, which leaves the change alone."""
        secret = self.unseal(tenant_id, row).secret
        anew = {"$set": {"secret": self._cipher.seal(secret, _bound_to(tenant_id, row.account_id))}}
        as_read = within(tenant_id, account_id=row.account_id, secret=row.secret)
        return bool((await self._keys.update_one(as_read, anew)).matched_count)


def _bound_to(tenant_id: str, account_id: str) -> str:
    return f"access_keys/{tenant_id}/{account_id}/secret"

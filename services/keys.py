"""API keys: made, shown once, recognised by their hash, revoked."""

import base64
import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from engine.errors import Conflict, UpstreamError
from engine.models.api_key import ApiKey, Scope
from services.joining import Joined
from services.ports import ApiKeys, Clock

_log = logging.getLogger(__name__)
_KEY = re.compile(r"dd0c_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
_ID_BYTES = 4
_SECRET_BYTES = 32
_USE_IS_NOTED = timedelta(hours=1)
_APART_SECONDS = 0.005  # Every request of a program begins with this question.

RandomBytes = Callable[[int], bytes]


class Keys:
    """The keys of all tenants."""

    def __init__(self, api_keys: ApiKeys, random_bytes: RandomBytes, clock: Clock) -> None:
        self._keys = api_keys
        self._random_bytes = random_bytes
        self._clock = clock
        self._looks = Joined[ApiKey | None](_APART_SECONDS)

    async def create(
        self,
        tenant_id: str,
        name: str,
        scopes: Sequence[Scope],
        lifetime: timedelta | None = None,
        *,
        by: str,
        random_bytes: RandomBytes | None = None,
    ) -> tuple[str, ApiKey]:
        """Make a key; gives the key itself, which nobody can read again, and what is kept of it. ``by`` is recorded.

        Given bytes make the same key again, which is then kept once.
        """
        random_bytes = random_bytes or self._random_bytes
        # The id is typed after `dd0c keys revoke`, where one that starts with a dash would be taken for an option.
        key_id, secret = random_bytes(_ID_BYTES).hex(), _text(random_bytes(_SECRET_BYTES))
        key = f"dd0c_{key_id}_{secret}"
        now = self._clock()
        row = ApiKey(
            key_id=key_id,
            digest=digest_of(key),
            tenant_id=tenant_id,
            name=name,
            scopes=tuple(dict.fromkeys(scopes)),
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        try:
            await self._keys.insert_key(row, by)
        except Conflict:
            known = await self._keys.find_key(row.digest)
            if known is None:
                raise
            row = known
        return key, row

    async def recognise(self, key: str) -> ApiKey | None:
        """Give the key of that name if it is one that works now. Raises UpstreamError when the database is away.

        It is looked up by its hash. How long that takes may tell something of the hash, but whoever does not know the
        key cannot choose hashes, so there is no secret here to be compared in constant time. The key is 256 random
        bits, which nobody can try out, so one round of SHA-256 is enough.
        """
        if not _KEY.fullmatch(key):
            return None
        digest = digest_of(key)
        found = await self._looks.ask(digest, lambda: self._keys.find_key(digest))
        if found is None or not found.is_valid(self._clock()):
            return None
        await self._note_use(found)
        return found

    async def _note_use(self, key: ApiKey) -> None:
        """To the hour: writing with every request would cost more than it tells."""
        now = self._clock()
        if key.last_used_at is not None and now - key.last_used_at < _USE_IS_NOTED:
            return
        try:
            await self._keys.touch_key(key.tenant_id, key.key_id, now)
        except UpstreamError as error:
            _log.warning("the use of key %s was not noted: %s", key.key_id, error)

    async def find_all(self, tenant_id: str) -> list[ApiKey]:
        """All keys of the tenant, oldest first, with those that were revoked."""
        return await self._keys.find_keys(tenant_id)

    async def revoke(self, tenant_id: str, key_id: str, *, by: str) -> None:
        """End a key for good; raises NotFound when this tenant has none of that id that still works."""
        await self._keys.revoke_key(tenant_id, key_id, self._clock(), by)


def digest_of(key: str) -> str:
    """Give what is kept of a key.

    >>> digest_of("dd0c_")[:8]
    '1fd92e42'
    """
    return hashlib.sha256(key.encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

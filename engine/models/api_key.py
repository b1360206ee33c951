"""Keys with which programs speak to the bot."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Scope(StrEnum):
    """What a key may do. ``WRITE`` sends records in; it cannot read anything."""

    READ = "read"
    WRITE = "write"


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of one tenant, without the key: only its SHA-256 is kept.

    ``key_id`` is the part of the key that may be shown, and by which it is revoked.
    """

    key_id: str
    digest: str
    tenant_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether the key opens anything at this time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

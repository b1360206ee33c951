"""Who speaks to the API."""

import msgspec

from engine.models.account import Role
from engine.models.api_key import Scope


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, or some program, of one tenant, and what they may do.

    ``subject`` is who the audit log names. ``credential`` is what only they have: it is never stored, logged or shown,
    and seals what is kept for them alone.
    """

    tenant_id: str
    subject: str
    role: Role
    scopes: frozenset[Scope]
    credential: str

    def __repr__(self) -> str:
        """Leave the credential out."""
        return f"Identity({self.subject!r} of {self.tenant_id!r})"

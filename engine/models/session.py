"""People who sign in on the web."""

from datetime import datetime

import msgspec

from engine.models.account import Role


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is, as a provider says. ``team_ids`` are Slack's, the organisation first; empty elsewhere.

    ``has_proven_email`` is the provider's word that the address is theirs; many let people write there what they like.
    """

    issuer: str
    subject: str
    name: str
    email: str = ""
    has_proven_email: bool = False
    team_ids: tuple[str, ...] = ()


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of one tenant. ``user_id`` is Slack's where they come from Slack, and so is their role then: None here.

    ``password_hash`` is only set where people sign in with a password of their own.
    """

    user_id: str
    issuer: str
    subject: str
    name: str
    email: str = ""
    role: Role | None = None
    password_hash: str = ""
    created_at: datetime


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that signed in. ``session_id`` is the SHA-256 of what the browser holds.

    ``proven_email`` is the address that an issuer proved then, by which the person was let in; empty where it proved
    none, or nobody asked.
    """

    session_id: str
    user_id: str
    proven_email: str = ""
    created_at: datetime
    expires_at: datetime


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at a page. ``csrf_token`` is what their forms carry; ``secret`` is theirs alone and never stored."""

    tenant_id: str
    user_id: str
    name: str
    role: Role
    csrf_token: str
    secret: str

    def __repr__(self) -> str:
        """Leave the secrets out."""
        return f"Viewer({self.user_id!r} of {self.tenant_id!r})"

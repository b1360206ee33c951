"""Signing in on the web."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.models.audit import AuditRecord
from engine.models.session import Session, SignedIn, User


class IdentityProvider(Protocol):
    """An issuer of OpenID Connect."""

    async def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in. Raises UpstreamError."""
        ...

    async def redeem(self, *, code: str, nonce: str, verifier: str) -> SignedIn:
        """Who came back with this code. Raises AccessDenied for a code or token that proves nothing, UpstreamError."""
        ...


class Signer(Protocol):
    """Signs what a browser keeps for us."""

    def sign(self, claims: Mapping[str, str | int]) -> str: ...

    def read(self, token: str) -> Mapping[str, str] | None:
        """The claims, or None for what we did not sign, or what is over."""
        ...


class Passwords(Protocol):
    """Hashes of passwords."""

    def hash(self, password: str) -> str: ...

    def matches(self, password_hash: str, password: str) -> bool: ...


class Users(Protocol):
    """People who may sign in."""

    async def find_login(self, issuer: str, subject: str) -> tuple[str, User] | None:
        """(tenant id, user) of any tenant who signs in like this."""
        ...

    async def find_user(self, tenant_id: str, user_id: str) -> User:
        """Raise NotFound when this tenant has none."""
        ...

    async def find_users(self, tenant_id: str) -> list[User]:
        """All of the tenant, oldest first."""
        ...

    async def find_names(self, tenant_id: str, user_ids: Sequence[str]) -> dict[str, str]:
        """User id -> name, for those of the tenant who ever signed in."""
        ...

    async def save_user(self, tenant_id: str, user: User, record: AuditRecord | None = None) -> None:
        """Insert or change, and record it with that; raise Conflict when somebody else signs in like this."""
        ...

    async def delete_user(self, tenant_id: str, user_id: str, record: AuditRecord | None = None) -> None:
        """Forget the user, end their sessions and record it, together. Raise NotFound."""
        ...


class Sessions(Protocol):
    """Browsers that signed in."""

    async def insert_session(self, tenant_id: str, session: Session) -> None: ...

    async def find_session(self, tenant_id: str, session_id: str) -> Session | None: ...

    async def delete_session(self, tenant_id: str, session_id: str) -> None: ...

    async def delete_sessions_of(self, tenant_id: str, user_id: str) -> int:
        """Sign somebody out everywhere; gives of how many browsers."""
        ...

"""Browsers that signed in: told from others by a cookie that we signed, and that says nothing without our database."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta

from engine.errors import NotFound
from engine.models.account import Role
from engine.models.session import Session, User, Viewer
from services.admission import Admission
from services.ports.customers import Tenants
from services.ports.injected import Clock
from services.ports.sign_in import Sessions as SessionRows
from services.ports.sign_in import Signer, Users

LIFETIME = timedelta(days=7)

RoleOf = Callable[[str, str], Awaitable[Role]]


class Sessions:
    """``role_of`` gives the role of somebody from Slack, ``new_secret`` text that nobody can guess."""

    def __init__(
        self,
        *,
        rows: SessionRows,
        users: Users,
        tenants: Tenants,
        signer: Signer,
        role_of: RoleOf,
        admission: Admission,
        clock: Clock,
        new_secret: Callable[[], str],
    ) -> None:
        self._rows = rows
        self._users = users
        self._tenants = tenants
        self._signer = signer
        self._role_of = role_of
        self._admission = admission
        self._clock = clock
        self._new_secret = new_secret

    async def begin(self, tenant_id: str, user: User, *, proven_email: str = "") -> str:
        """Sign somebody in; gives what their browser is to hold. A new one each time, so none can be planted."""
        secret, now = self._new_secret(), self._clock()
        session = Session(
            session_id=_digest(secret),
            user_id=user.user_id,
            proven_email=proven_email,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        await self._rows.insert_session(tenant_id, session)
        return self._signer.sign({"sid": secret, "tid": tenant_id, "exp": int(session.expires_at.timestamp())})

    async def find_viewer(self, cookie: str) -> Viewer | None:
        """Who holds this, as they are now.

        None for what we did not sign, what is over, who is gone or leaving, and whom the settings admit no more.
        """
        claims = self._signer.read(cookie) if cookie else None
        if claims is None or "sid" not in claims or "tid" not in claims:
            return None
        tenant_id, secret = claims["tid"], claims["sid"]
        session = await self._rows.find_session(tenant_id, _digest(secret))
        if session is None or session.expires_at <= self._clock():
            return None
        try:
            if (await self._tenants.find_tenant(tenant_id)).leaving:
                return None
            user = await self._users.find_user(tenant_id, session.user_id)
            if not self._admission.keeps(user, session):
                return None
            role = user.role or await self._role_of(tenant_id, user.user_id)
        except NotFound:
            return None
        return Viewer(
            tenant_id=tenant_id,
            user_id=user.user_id,
            name=user.name,
            role=role,
            csrf_token=csrf_token(secret),
            secret=secret,
        )

    async def end(self, viewer: Viewer) -> None:
        """Sign this browser out."""
        await self._rows.delete_session(viewer.tenant_id, _digest(viewer.secret))

    async def end_all(self, viewer: Viewer) -> int:
        """Sign this person out everywhere; gives of how many browsers."""
        return await self._rows.delete_sessions_of(viewer.tenant_id, viewer.user_id)


def csrf_token(secret: str) -> str:
    """What a form of this session carries: nobody can make it who cannot read the cookie, and it gives nothing away."""
    return hmac.new(secret.encode(), b"dd0c form", hashlib.sha256).hexdigest()


def is_own_form(viewer: Viewer, token: str) -> bool:
    """Whether a form with this token is one of ours."""
    return hmac.compare_digest(viewer.csrf_token.encode(), token.encode("utf-8", "surrogatepass"))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""Signing in: out to a provider with a ticket, back with a code, and into a tenant."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import msgspec

from engine.errors import AccessDenied, Conflict, NotFound
from engine.models.account import Role, Tenant
from engine.models.audit import AuditAction, AuditRecord
from engine.models.session import SignedIn, User
from services.admission import LOCAL, Admission
from services.ports.customers import Audit, SystemLookups, Tenants
from services.ports.injected import Clock, NewId
from services.ports.sign_in import IdentityProvider, Passwords, Signer, Users
from services.sessions import Sessions

TICKET_LIFETIME = timedelta(minutes=10)
SLACK = "slack"
_DENIED = "The name or the password is wrong."
_LEAVING = "This workspace is leaving, and its data is being deleted. Come back when that is done."
_ASK = "Ask whoever runs this bot (DD0C_OIDC_ALLOW)."
_UNPROVEN = f"The provider does not say that your e-mail address is proven to be yours. {_ASK}"
Home = Callable[[], Awaitable[str]]
_STALE = "This was begun in another browser, too long ago, or finished already. Sign in again."


class Departure(msgspec.Struct, frozen=True):
    """Where the browser goes to sign in, and the ticket that it brings back."""

    url: str
    ticket: str


class SignIns:
    """``providers`` by the word in their address; ``passwords`` is None where nobody has a password of ours.

    ``home`` gives the one tenant there is, to which all who come by an issuer belong, and nobody from another Slack
    workspace; None lets each of them have a tenant of their own. ``admission`` says whom an issuer may bring at all.
    """

    def __init__(
        self,
        *,
        providers: Mapping[str, IdentityProvider],
        passwords: Passwords | None,
        users: Users,
        tenants: Tenants,
        lookups: SystemLookups,
        audit: Audit,
        sessions: Sessions,
        signer: Signer,
        clock: Clock,
        new_id: NewId,
        new_secret: Callable[[], str],
        admission: Admission,
        home: Home | None = None,
    ) -> None:
        self._providers = providers
        self._passwords = passwords
        self._users = users
        self._tenants = tenants
        self._lookups = lookups
        self._audit = audit
        self._sessions = sessions
        self._signer = signer
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret
        self._admission = admission
        self._home = home

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways to sign in, by their words."""
        return (*self._providers, *([LOCAL] if self._passwords is not None else []))

    async def begin(self, way: str, after: str) -> Departure:
        """Send a browser to a provider; ``after`` is the page it wants then. Raises NotFound, UpstreamError."""
        provider = self._provider(way)
        state, nonce, verifier = self._new_secret(), self._new_secret(), self._new_secret()
        expires = int((self._clock() + TICKET_LIFETIME).timestamp())
        ticket: dict[str, str | int] = {
            "way": way,
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "after": after,
            "exp": expires,
        }
        url = await provider.authorize_url(state=state, nonce=nonce, verifier=verifier)
        return Departure(url, self._signer.sign(ticket))

    async def finish(self, way: str, ticket: str, state: str, code: str) -> tuple[str, str]:
        """Sign in who came back; gives what the browser is to hold, and the page it wanted.

        Raises AccessDenied for a ticket or code that proves nothing, NotFound for no such way, Conflict for somebody
        whose workspace is leaving, UpstreamError.
        """
        provider = self._provider(way)
        claims = self._signer.read(ticket) if ticket else None
        if claims is None or claims.get("way") != way or not _same(claims.get("state", ""), state):
            raise AccessDenied(_STALE, code="stale_ticket")
        who = await provider.redeem(code=code, nonce=claims["nonce"], verifier=claims["verifier"])
        tenant_id, user = await self._enter(way, who)
        await self._check_stays(tenant_id)
        proven_email = who.email if who.has_proven_email else ""
        return await self._begin(tenant_id, user, way, proven_email), claims.get("after", "")

    async def with_password(self, name: str, password: str) -> str:
        """Sign in who has a password of ours.

        Raises AccessDenied, after the same time whoever is asked for, and Conflict for who belongs to a tenant that is
        leaving.
        """
        if self._passwords is None:
            raise NotFound("Nobody signs in with a password here.")
        found = await self._users.find_login(LOCAL, name.strip().lower())
        known = found[1].password_hash if found else ""
        fits = await asyncio.to_thread(self._passwords.matches, known, password)
        if found is None or not fits:
            raise AccessDenied(_DENIED, code="wrong_password")
        await self._check_stays(found[0])
        return await self._begin(found[0], found[1], LOCAL)

    async def _check_stays(self, tenant_id: str) -> None:
        if (await self._tenants.find_tenant(tenant_id)).leaving:
            raise Conflict(_LEAVING)

    async def _begin(self, tenant_id: str, user: User, way: str, proven_email: str = "") -> str:
        cookie = await self._sessions.begin(tenant_id, user, proven_email=proven_email)
        record = AuditRecord(at=self._clock(), action=AuditAction.SIGNED_IN, actor=user.user_id, details={"way": way})
        await self._audit.append(tenant_id, record)
        return cookie

    def _provider(self, way: str) -> IdentityProvider:
        if way not in self._providers:
            raise NotFound(f"There is no way to sign in called {way[:40]!r}.")
        return self._providers[way]

    async def _enter(self, way: str, who: SignedIn) -> tuple[str, User]:
        """Find the tenant that somebody belongs to, or make one: who comes first to the web may install Slack later."""
        if way == SLACK:
            return await self._enter_from_slack(who)
        self._check_allowed(who)
        found = await self._users.find_login(who.issuer, who.subject)
        if found is not None:
            return found
        if self._home is not None:
            home = await self._home()
            await self._check_stays(home)  # Whoever is noted while all are deleted would belong to nothing for good.
            return await self._welcome(home, who, Role.RESPONDER)
        tenant = Tenant(tenant_id=self._new_id(), team_id="", team_name=who.name, alert_channel_id="")
        await self._tenants.save_tenant(tenant)
        return await self._welcome(tenant.tenant_id, who, Role.ADMIN)

    def _check_allowed(self, who: SignedIn) -> None:
        """Each time, so that who is on the list no longer does not come back."""
        if self._admission.admits(who):
            return
        if not who.has_proven_email:
            raise AccessDenied(_UNPROVEN, code="unproven_email")
        raise AccessDenied(f"{who.email} is not among those who may sign in here. {_ASK}", code="not_allowed")

    async def _welcome(self, tenant_id: str, who: SignedIn, role: Role) -> tuple[str, User]:
        user = self._user(who, self._new_id(), role)
        try:
            await self._users.save_user(tenant_id, user)
        except Conflict:  # Two first sign-ins at once: the other one's user is theirs, and its tenant.
            found = await self._users.find_login(who.issuer, who.subject)
            if found is None:
                raise
            return found
        return tenant_id, user

    async def _enter_from_slack(self, who: SignedIn) -> tuple[str, User]:
        tenant = await self._tenant_of(who)
        if tenant.leaving:
            raise Conflict(_LEAVING)
        # A workspace may join an organisation's tenant later, and its people with it.
        user = msgspec.structs.replace(self._user(who, who.subject, None), subject=f"{tenant.team_id}/{who.subject}")
        await self._users.save_user(tenant.tenant_id, user)
        return tenant.tenant_id, user

    async def _tenant_of(self, who: SignedIn) -> Tenant:
        for team_id in who.team_ids:
            if (tenant := await self._lookups.find_tenant_by_team(team_id)) is not None:
                return tenant
        if not who.team_ids:
            raise AccessDenied("Slack did not say which workspace you are in.", code="no_team")
        if self._home is not None:
            raise AccessDenied("dd0c serves another Slack workspace here. Sign in with that one.", code="no_home")
        made = Tenant(
            tenant_id=self._new_id(),
            team_id=who.team_ids[-1],
            team_name="",
            alert_channel_id="",
            installer_user_id=who.subject,
        )
        try:
            await self._tenants.save_tenant(made)
        except Conflict:
            return await self._tenant_of(who)
        return made

    def _user(self, who: SignedIn, user_id: str, role: Role | None) -> User:
        return User(
            user_id=user_id,
            issuer=who.issuer,
            subject=who.subject,
            name=who.name,
            email=who.email,
            role=role,
            created_at=self._clock(),
        )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))

"""Wiring of who people are on the web."""

import os
import secrets
import time
from urllib.parse import urljoin

import aiohttp

from bot.identity import new_id, utc_now
from bot.settings import Settings
from bot.slack_access import SlackAccess
from clients.identity.oidc import Client, OpenIdProvider
from clients.identity.passwords import Argon2Passwords
from clients.identity.signing import CookieSigner
from clients.slack.connect import identify_workspace
from clients.slack.members import SlackMembers
from engine.errors import NotFound
from handlers.web.client_address import ClientAddresses, parse_networks
from handlers.web.pages import Pages
from handlers.web.sign_in import RETURN, SignInParts
from handlers.web.strangers import Doorman
from handlers.web.viewing import Cookies, Viewing
from services.admission import Admission
from services.ports.sign_in import IdentityProvider
from services.rate_limits import RateLimits
from services.remembered_roles import RememberedRoles
from services.roles import Roles
from services.session_identities import SessionIdentities
from services.sessions import Sessions
from services.sign_ins import SLACK, Home, SignIns
from store.connect import Store

_OIDC = "oidc"
_SECRET_BYTES = 32
_KEY_BYTES = 32
_ATTEMPTS_A_MINUTE = 10
_ATTEMPTS_AT_NAME_A_MINUTE = 20


def build_sign_in(
    settings: Settings, store: Store, access: SlackAccess, session: aiohttp.ClientSession, pages: Pages
) -> SignInParts:
    """Give what the routes of signing in call."""
    signer = CookieSigner(_keys(settings), utc_now)
    cookies = Cookies(secure=settings.public_url.startswith("https://"))
    members = SlackMembers(access.client_for)
    roles = Roles(store.tenants, members, utc_now)
    admission = Admission(
        issuer=settings.oidc_issuer or "", allowed=settings.allowed_emails(), with_passwords=settings.local_login
    )
    sessions = Sessions(
        rows=store.sessions,
        users=store.users,
        tenants=store.tenants,
        signer=signer,
        role_of=RememberedRoles(roles.find_role, members.is_gone, time.monotonic).find_role,
        admission=admission,
        clock=utc_now,
        new_secret=_new_secret,
    )
    sign_ins = SignIns(
        providers=_providers(settings, session),
        passwords=Argon2Passwords() if settings.local_login else None,
        users=store.users,
        tenants=store.tenants,
        lookups=store.system,
        audit=store.audit,
        sessions=sessions,
        signer=signer,
        clock=utc_now,
        new_id=new_id,
        new_secret=_new_secret,
        admission=admission,
        home=None if settings.is_installable else _home(store, access),
    )
    return SignInParts(
        sign_ins=sign_ins,
        sessions=sessions,
        viewing=Viewing(sessions, cookies, RateLimits(settings.api_requests_per_minute, time.monotonic)),
        cookies=cookies,
        attempts=RateLimits(_ATTEMPTS_A_MINUTE, time.monotonic),
        attempts_at_name=RateLimits(_ATTEMPTS_AT_NAME_A_MINUTE, time.monotonic),
        doorman=Doorman(
            ClientAddresses(parse_networks(settings.trusted_proxies)),
            RateLimits(settings.unknown_requests_per_minute, time.monotonic),
        ),
        pages=pages,
        identities=SessionIdentities(sessions, cookies.session_name),
    )


def _home(store: Store, access: SlackAccess) -> Home:
    """The tenant of the one workspace that this bot serves: whoever the operator's issuer lets in works there."""

    async def find() -> str:
        workspace = await identify_workspace(await access.client_for(""))
        tenant = await store.system.find_tenant_by_team(workspace.team_id)
        if tenant is None:
            raise NotFound("This bot has no workspace yet. Start it once more.")
        return tenant.tenant_id

    return find


def _keys(settings: Settings) -> dict[str, bytes]:
    """Without keys, those of this process: whoever is signed in then signs in again after it was started again."""
    return settings.cookie_keys() or {"own": os.urandom(_KEY_BYTES)}


def _providers(settings: Settings, session: aiohttp.ClientSession) -> dict[str, IdentityProvider]:
    found: dict[str, IdentityProvider] = {}
    if settings.slack_client_id:
        # Beside the API, so that one setting names all of Slack.
        issuer = urljoin(settings.slack_api_url, "/").rstrip("/")
        secret = settings.slack_client_secret.get_secret_value()
        client = _client(settings, SLACK, settings.slack_client_id, secret)
        found[SLACK] = OpenIdProvider(session, issuer, client, utc_now)
    if settings.oidc_issuer:
        secret = settings.oidc_client_secret.get_secret_value()
        client = _client(settings, _OIDC, settings.oidc_client_id, secret)
        found[_OIDC] = OpenIdProvider(session, settings.oidc_issuer, client, utc_now)
    return found


def _client(settings: Settings, way: str, client_id: str, client_secret: str) -> Client:
    return_url = settings.public_url + RETURN.format(way=way)
    return Client(client_id=client_id, client_secret=client_secret, return_url=return_url)


def _new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)

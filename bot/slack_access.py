"""Which tokens the bot has in Slack: one, or those of all who installed the app."""

import secrets
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin

import aiohttp
import msgspec
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

from bot.identity import new_id, utc_now
from bot.sealing import build_cipher
from bot.settings import Settings
from clients.slack.authorize import InstalledTokens, OneToken
from clients.slack.connect import slack_client
from clients.slack.tokens import RotatingTokens
from handlers.web.pages import Pages
from handlers.web.slack_install import STATE_LIFETIME, InstallFlow, build_flow
from services.workspaces import Workspaces
from store.connect import Store
from store.installations import Installations

_STATE_BYTES = 32


class SlackAccess(msgspec.Struct, frozen=True):
    """``client`` has no token of its own; ``installations`` is None where one token is all there is."""

    client: AsyncWebClient
    client_for: Callable[[str], Awaitable[AsyncWebClient]]
    authorize: AsyncAuthorize
    installations: Installations | None = None


def build_access(settings: Settings, store: Store, session: aiohttp.ClientSession) -> SlackAccess:
    """Choose by the settings."""
    client = slack_client(None, settings.slack_api_url, session)
    if settings.is_installable:
        return _installed(settings, store, client, session)
    token = settings.slack_bot_token.get_secret_value()
    only = slack_client(token, settings.slack_api_url, session)

    async def client_for(_tenant_id: str) -> AsyncWebClient:
        return only

    return SlackAccess(client=client, client_for=client_for, authorize=OneToken(token))


def _installed(settings: Settings, store: Store, client: AsyncWebClient, session: aiohttp.ClientSession) -> SlackAccess:
    installations = store.installations(build_cipher(settings))
    tokens = RotatingTokens(
        installations=installations,
        leases=store.leases,
        exchange=client,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        clock=utc_now,
        holder=new_id(),
    )

    async def client_for(tenant_id: str) -> AsyncWebClient:
        return slack_client((await tokens.find(tenant_id)).bot_token, settings.slack_api_url, session)

    async def find_bot(enterprise_id: str | None, team_id: str | None) -> Bot | None:
        bot = await installations.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)
        return await tokens.fresh(bot) if bot else None

    authorize = InstalledTokens(find_bot, time.monotonic)
    return SlackAccess(client=client, client_for=client_for, authorize=authorize, installations=installations)


def build_install_flow(
    settings: Settings, store: Store, access: SlackAccess, workspaces: Workspaces, pages: Pages
) -> InstallFlow | None:
    """The way to an installation, where there is one."""
    if access.installations is None:
        return None
    return build_flow(
        client=access.client,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        base_url=settings.public_url,
        # Beside the API, so that one setting names all of Slack.
        authorize_url=urljoin(settings.slack_api_url, "/oauth/v2/authorize"),
        installations=access.installations,
        states=store.oauth_states(lambda: secrets.token_urlsafe(_STATE_BYTES), utc_now, STATE_LIFETIME),
        workspaces=workspaces,
        pages=pages,
    )

"""Installing the Slack app: out to Slack with a state, back with a code, and what the browser sees then."""

import logging
import re
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from urllib.parse import quote, urlencode

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.state_utils import OAuthStateUtils
from slack_sdk.web.async_client import AsyncWebClient

from engine.errors import Conflict, UpstreamError
from engine.roles import Deed, may
from handlers.slack.scopes import OPTIONAL, PUBLIC_CHANNELS, REQUIRED
from handlers.web import notices
from handlers.web.pages import Pages
from handlers.web.viewing import Viewing
from services.workspaces import Workspaces

_log = logging.getLogger(__name__)

INSTALL = "/v1/slack/install"
REDIRECT = "/v1/slack/oauth_redirect"
STATE_LIFETIME = timedelta(minutes=10)
_TENANT = "dd0c_tenant_id"  # In the context of a request.
_HAS_CHANNEL = "has_channel"  # Whether alerts go to a channel, among what the page that shows an installation knows.
_TEAM_ID = re.compile(r"[TE][A-Z0-9]{1,30}")
_BEGIN_ANEW = "This installation was begun in another browser, too long ago, or finished already. Begin it anew."
_REASONS: Mapping[str, str] = {
    "access_denied": "You did not let the app in, so nothing was installed.",
    "invalid_browser": _BEGIN_ANEW,
    "invalid_state": _BEGIN_ANEW,
}
_REFUSED = "Slack did not accept the installation, so nothing was installed. Begin it anew."
_STATE = OAuthStateUtils.default_cookie_name
_HOST_ONLY = "__Host-"
_AWAY = "Slack or our database did not answer. Try again in a minute."


class InstallFlow(AsyncOAuthFlow):
    """Bolt's way to an installation, with a tenant for each."""

    def __init__(self, *, client: AsyncWebClient, settings: AsyncOAuthSettings, workspaces: Workspaces) -> None:
        super().__init__(client=client, settings=settings, logger=_log)
        self._workspaces = workspaces

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        """Give Slack's address; a team may be named beforehand, if it looks like one."""
        [team] = (request.query.get("team") or [""])[:1]
        return self.settings.authorize_url_generator.generate(
            state=state, team=team if _TEAM_ID.fullmatch(team) else None
        )

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """Make the tenant, keep its token, and greet who installed the app."""
        is_org = installation.is_enterprise_install
        installed = await self._workspaces.install(
            team_id=str((installation.enterprise_id if is_org else installation.team_id) or ""),
            enterprise_id=installation.enterprise_id or "",
            team_name=str((installation.enterprise_name if is_org else installation.team_name) or ""),
            alert_channel_id=installation.incoming_webhook_channel_id or "",
            installer_user_id=installation.user_id,
            tenant_id=request.context.get(_TENANT, ""),
        )
        tenant = installed.tenant
        installation.set_custom_value("tenant_id", tenant.tenant_id)
        installation.set_custom_value(_HAS_CHANNEL, bool(tenant.alert_channel_id))
        await super().store_installation(request, installation)
        await self._workspaces.welcome(tenant)
        await self._workspaces.tell_former(installed)
        if installation.incoming_webhook_url and PUBLIC_CHANNELS not in (installation.bot_scopes or ()):
            await self._workspaces.ask_for_invitation(tenant.tenant_id, installation.incoming_webhook_url)


def build_flow(
    *,
    client: AsyncWebClient,
    client_id: str,
    client_secret: str,
    base_url: str,
    authorize_url: str,
    installations: AsyncInstallationStore,
    states: AsyncOAuthStateStore,
    workspaces: Workspaces,
    pages: Pages,
) -> InstallFlow:
    """Set the flow up; ``base_url`` is where browsers reach this bot, over https."""
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=[*REQUIRED, *OPTIONAL],
        user_scopes=[],
        redirect_uri=base_url.rstrip("/") + REDIRECT,
        install_page_rendering_enabled=False,
        authorization_url=authorize_url,
        installation_store=installations,
        state_store=states,
        state_expiration_seconds=round(STATE_LIFETIME.total_seconds()),
        callback_options=_callbacks(pages),
        # Over https this name keeps other hosts and paths from setting the cookie.
        state_cookie_name=_HOST_ONLY + _STATE if base_url.startswith("https://") else _STATE,
    )
    return InstallFlow(client=client, settings=settings, workspaces=workspaces)


def register(app: web.Application, flow: InstallFlow, pages: Pages, viewing: Viewing) -> None:
    """Add both GET routes. An admin who is signed in and has no workspace yet gets the one that they come back from."""

    async def finish(request: web.Request) -> BoltResponse:
        asked, viewer = await to_bolt_request(request), await viewing.find(request)
        if viewer is not None and may(viewer.role, Deed.CONNECT):
            asked.context[_TENANT] = viewer.tenant_id
        return await flow.handle_callback(asked)

    async def handle_return(request: web.Request) -> web.Response:
        return await _answered(pages, finish(request))

    async def handle_install(request: web.Request) -> web.Response:
        return await _answered(pages, flow.handle_installation(await to_bolt_request(request)))

    app.router.add_get(INSTALL, handle_install, allow_head=False)
    app.router.add_get(REDIRECT, handle_return, allow_head=False)


async def _answered(pages: Pages, answering: Awaitable[BoltResponse]) -> web.Response:
    try:
        response = await answering
    except Conflict as error:
        response = _not_installed(pages, str(error), 409)
    except (UpstreamError, aiohttp.ClientError, TimeoutError) as error:
        _log.warning("an installation failed: %s", error)
        response = _not_installed(pages, _AWAY, 503)
    answer = await to_aiohttp_response(response)
    for cookie in answer.cookies.values():
        cookie["samesite"] = "Lax"  # Slack leads back by a link, for which browsers send it.
    return answer


def _callbacks(pages: Pages) -> AsyncCallbackOptions:
    async def succeed(args: AsyncSuccessArgs) -> BoltResponse:
        installed = args.installation
        html = pages.render(
            "installed",
            team=installed.team_name or installed.enterprise_name or "your workspace",
            channel=installed.incoming_webhook_channel or "",
            has_channel=installed.custom_values.get(_HAS_CHANNEL, False),
            slack_url=_slack_url(installed),
            add_url=_add_url(installed),
            privacy_url=notices.PRIVACY,
            support_url=notices.SUPPORT,
        )
        done = args.settings.state_utils.build_set_cookie_for_deletion()
        return BoltResponse(status=200, body=html, headers={**pages.headers, "Set-Cookie": done})

    async def fail(args: AsyncFailureArgs) -> BoltResponse:
        _log.info("an installation was not finished: %s", args.reason if args.reason in _REASONS else "refused")
        return _not_installed(pages, _REASONS.get(args.reason, _REFUSED), args.suggested_status_code)

    return AsyncCallbackOptions(success=succeed, failure=fail)


def _not_installed(pages: Pages, reason: str, status: int) -> BoltResponse:
    html = pages.render("not_installed", reason=reason, install_url=INSTALL)
    return BoltResponse(status=status, body=html, headers=dict(pages.headers))


def _add_url(installed: Installation) -> str:
    """Where an organisation's admin adds the app to workspaces; empty where one workspace installed it."""
    if not installed.is_enterprise_install:
        return ""
    organisation, app = (quote(one or "", safe="") for one in (installed.enterprise_id, installed.app_id))
    return f"https://app.slack.com/manage/{organisation}/integrations/profile/{app}/workspaces/add"


def _slack_url(installed: Installation) -> str:
    """Where the app's own messages are."""
    named = {"app": installed.app_id or "", "team": installed.team_id or ""}
    return "https://slack.com/app_redirect?" + urlencode({key: value for key, value in named.items() if value})

"""A bot that anybody may install, as `dd0c serve` wires it, and a browser that installs it."""

import base64
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from bot.bootstrap import Parts, build
from bot.settings import GivenSettings
from bot.slack_access import SlackAccess, build_access
from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.models import Message
from engine.models.account import Tenant
from handlers.web import slack_install, slack_routes
from store.connect import Store

ISSUER = "https://id.example"
PUBLIC_URL = "https://costs.example.com"
KEY = "v1:" + base64.b64encode(bytes(32)).decode()


class Browser:
    """Follows an installation by hand: the state's cookie is for https alone, and the test has none."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.cookie = ""

    async def get(self, address: str) -> tuple[int, str, Mapping[str, str]]:
        """Give status, body and headers of one of the bot's addresses."""
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"Cookie": self.cookie} if self.cookie else {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(self._url + path, headers=headers, allow_redirects=False) as answer,
        ):
            for line in answer.headers.getall("Set-Cookie", []):
                for name, morsel in SimpleCookie(line).items():
                    self.cookie = f"{name}={morsel.value}"
            return answer.status, await answer.text(), answer.headers

    async def begin(self, query: str = "") -> str:
        """Open the install address; gives Slack's page."""
        status, _, headers = await self.get(slack_install.INSTALL + query)
        assert status == 302
        return headers["Location"]


class Lobby:
    """The workspace, the bot, and what came of installing."""

    def __init__(self, slack: SlackWorkspace, store: Store, access: SlackAccess, url: str, parts: Parts) -> None:
        self.slack = slack
        self.sessions = parts.sign_in.sessions
        self.workspaces = parts.workspaces
        self.store = store
        self.access = access
        self.url = url
        self.ann = slack.add_user("ann")
        self.bob = slack.add_user("bob")
        self.channel = slack.add_channel("costs", with_bot=False).channel_id

    def browser(self) -> Browser:
        return Browser(self.url)

    async def install(
        self, channel: str = "", *, without: Collection[str] = (), signed_in: str = ""
    ) -> tuple[int, str]:
        """Let Ann install the app, with a session's cookie if she has one; gives what her browser shows in the end."""
        browser = self.browser()
        there = self.slack.oauth.allow(
            await browser.begin(), self.ann.user_id, channel or self.channel, without=without
        )
        browser.cookie += f"; __Host-dd0c_session={signed_in}"
        status, page, _ = await browser.get(there)
        return status, page

    async def tenant(self) -> Tenant:
        found = await self.store.system.find_tenant_by_team(self.slack.state.enterprise_id or self.slack.team_id)
        assert found
        return found

    async def token(self) -> str:
        """The token with which the tenant is spoken to."""
        return str((await self.access.client_for((await self.tenant()).tenant_id)).token)

    def told(self, user_id: str) -> list[Message]:
        """The direct messages from the bot to somebody."""
        return self.slack.messages(user_id)


def words(place: Lobby, user_id: str) -> str:
    return json.dumps([message.blocks for message in place.told(user_id)])


async def answer(place: Lobby, line: str) -> dict[str, object]:
    interaction = await place.slack.run_command(place.ann.user_id, place.channel, line)
    [said] = await interaction.wait_for_posts()
    return said


def state_of(authorize_url: str) -> str:
    return parse_qs(urlsplit(authorize_url).query)["state"][0]


@asynccontextmanager
async def lobby(slack: SlackWorkspace, store: Store) -> AsyncIterator[Lobby]:
    """Serve the bot's Slack side with settings that let anybody install it."""
    settings = GivenSettings.model_validate(
        {
            "SLACK_CLIENT_ID": slack.oauth.client_id,
            "SLACK_CLIENT_SECRET": slack.oauth.client_secret,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "DD0C_OIDC_ISSUER": ISSUER,
            "DD0C_OIDC_CLIENT_ID": "dd0c",
            "DD0C_OIDC_CLIENT_SECRET": "some secret",
            "DD0C_URL": PUBLIC_URL,
            "DD0C_ENCRYPTION_KEYS": KEY,
            "DD0C_LOCAL_MONGOD": "1",
        }
    )
    async with aiohttp.ClientSession() as session:
        access = build_access(settings, store, session)
        parts = build(settings, store, access, session)
        assert parts.install_flow
        app = web.Application()
        slack_routes.register(app, parts.slack, slack.signing_secret)
        slack_install.register(app, parts.install_flow, parts.pages, parts.sign_in.viewing)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        slack.connect_app(url)
        yield Lobby(slack, store, access, url, parts)
        await runner.cleanup()

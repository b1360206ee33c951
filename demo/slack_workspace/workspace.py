"""A small but truthful Slack workspace on this machine: the one object tests and the demo hold."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from demo.openid import OpenIdIssuer, Person
from demo.slack_workspace.acts import PeopleActions
from demo.slack_workspace.context import Context, Triggers
from demo.slack_workspace.credentials import Credentials
from demo.slack_workspace.events import RETRY_DELAYS
from demo.slack_workspace.interactions import AppUrls, Interactions
from demo.slack_workspace.limits import Failure, Hold, RateLimiter
from demo.slack_workspace.models import Call, Channel, Message, User
from demo.slack_workspace.oauth import OAuth
from demo.slack_workspace.page import add_page
from demo.slack_workspace.response_urls import ResponseUrls
from demo.slack_workspace.signing import ACK_SECONDS, Sender
from demo.slack_workspace.socket_mode import SocketLine
from demo.slack_workspace.state import HISTORY_SCOPES, WorkspaceState
from demo.slack_workspace.web_api import WebApi

HOST = "127.0.0.1"


class SlackWorkspace(PeopleActions):
    """Web API, people and a page, over HTTP on 127.0.0.1. Use it as an async context manager.

    `clock` gives message_ts and limits their time, `request_clock` dates signed requests; both in
    seconds since the epoch. `port=0` takes a free one.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        bot_name: str = "dd0c",
        team_name: str = "acme",
        commands: Sequence[str] = ("/dd0c",),
        bot_token: str | None = None,
        signing_secret: str | None = None,
        clock: Callable[[], float] = time.time,
        request_clock: Callable[[], float] = time.time,
        ack_seconds: float = ACK_SECONDS,
        event_retry_delays: Sequence[float] = RETRY_DELAYS,
        rate_limit: bool = True,
    ) -> None:
        credentials = Credentials(bot_token or f"xoxb-{secrets.token_hex(12)}")
        self.signing_secret = signing_secret or secrets.token_hex(16)
        state = WorkspaceState(clock, bot_name, team_name)
        self.limiter = RateLimiter(clock)
        self.limiter.enabled = rate_limit
        context = Context(state, self.limiter, Triggers(clock, state.team_id))
        self.oauth = OAuth(state, credentials)
        self.openid = OpenIdIssuer(self.oauth.client_id, self.oauth.client_secret, lambda: _people(state), now=clock)
        self.line = SocketLine(state.app_id, state.touch)
        self._api = WebApi(context, credentials, self.oauth, self.line)
        self._addresses = ResponseUrls(state, self._api)
        sender, urls = Sender(self.signing_secret, request_clock, ack_seconds, self.line), AppUrls()
        people = Interactions(context, sender, self._addresses, urls)
        super().__init__(
            state=state,
            sender=sender,
            people=people,
            app_urls=urls,
            commands=commands,
            retry_delays=event_retry_delays,
            credentials=credentials,
        )
        self._port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> Self:
        """Listen; `url` and `api_url` are known from here on."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api.handle)
        app.router.add_post("/response/{team}/{token}", self._addresses.handle)
        self.oauth.add_routes(app)
        self.openid.add_routes(app)
        self.line.add_routes(app)
        add_page(app, self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self._people.base_url = self._api.base_url = self.oauth.base_url = self.openid.base_url = self.url
        return self

    async def stop(self) -> None:
        """Stop listening and close connections to the bot."""
        await self.line.close()
        await self._sender.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        if self._runner is None:
            raise RuntimeError("the workspace is not running; start it first")
        return f"http://{HOST}:{self._runner.addresses[0][1]}"

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL of the bot must be; ends with `/api/`."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's newest token."""
        return self._api.credentials.bot_token

    @property
    def team_id(self) -> str:
        """The id of this workspace."""
        return self.state.team_id

    @property
    def bot_user_id(self) -> str:
        """The user id of the bot."""
        return self.state.bot.user_id

    @property
    def calls(self) -> list[Call]:
        """Every Web API call and response_url post, oldest first."""
        return self._api.calls

    def calls_to(self, method: str) -> list[Call]:
        """Return the calls to one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    def connect_app(
        self,
        base_url: str | None = None,
        *,
        commands_url: str | None = None,
        actions_url: str | None = None,
        events_url: str | None = None,
    ) -> None:
        """Say where the bot listens: by its base address, or each address on its own."""
        root = f"{base_url.rstrip('/')}/v1/slack" if base_url else None
        self.app_urls.commands = commands_url or (root and f"{root}/commands")
        self.app_urls.actions = actions_url or (root and f"{root}/actions")
        self.app_urls.events = events_url or (root and f"{root}/events")

    def add_user(
        self,
        name: str,
        *,
        real_name: str = "",
        email: str = "",
        is_admin: bool = False,
        timezone: str = "UTC",
        deleted: bool = False,
    ) -> User:
        """Add a person, who joins all public channels."""
        user = User(
            user_id=self.state.next_id("U"),
            name=name,
            real_name=real_name or name,
            email=email or f"{name}@example.com",
            team_id=self.team_id,
            is_admin=is_admin,
            timezone=timezone,
            deleted=deleted,
        )
        self.state.users[user.user_id] = user
        for channel in self.state.channels.values():
            if not channel.is_private:
                channel.members.add(user.user_id)
        self.state.touch()
        return user

    def add_channel(self, name: str, *, is_private: bool = False, with_bot: bool = True) -> Channel:
        """Add a channel with everybody in it, the bot only if `with_bot`."""
        members = {user.user_id for user in self.state.users.values() if with_bot or not user.is_bot}
        channel = Channel(self.state.next_id("C"), name.removeprefix("#"), is_private, members=members)
        self.state.channels[channel.channel_id] = channel
        self.state.touch()
        return channel

    def archive_channel(self, channel: str) -> None:
        """Archive a channel; nobody can post to it any more."""
        self.state.channel(channel).is_archived = True
        self.state.touch()

    def remove_bot(self, channel: str) -> None:
        """Do what `/remove @dd0c` does."""
        self.state.channel(channel).members.discard(self.bot_user_id)
        self.state.touch()

    def grant_history(self, granted: bool = True) -> None:
        """Grant or take away the scopes that let the bot read messages."""
        change = self.state.scopes.update if granted else self.state.scopes.difference_update
        change(HISTORY_SCOPES)

    def set_scopes(self, scopes: Sequence[str]) -> None:
        """Grant exactly these scopes."""
        self.state.scopes = set(scopes)

    def revoke_token(self, error: str = "token_revoked") -> None:
        """Make the bot's token answer with `error` from now on (`account_inactive`, `token_expired`...)."""
        self._credentials.refusal = error

    def fail_next(
        self,
        method: str,
        *,
        error: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
        times: int = 1,
        after_effect: bool = False,
    ) -> None:
        """Make the next calls of a method fail (`*` any method, `response_url` those addresses).

        Without error, status and retry_after the connection is cut; with `after_effect` the work
        is done first, so that the bot is left in doubt.
        """
        self._api.failures.add(Failure(method, error, status, retry_after, times, after_effect))

    def hold_next(self, method: str) -> Hold:
        """Do the work of the next call of a method, or let it fail as planned, and keep its answer until released."""
        hold = Hold(method)
        self._api.holds.append(hold)
        return hold

    def recover(self) -> None:
        """Let nothing that was planned by `fail_next` and `hold_next` come any more."""
        self._api.failures.forget()
        self._api.holds.clear()

    def messages(self, channel: str) -> list[Message]:
        """Return what everybody sees in a channel, oldest first; replies hang on their message."""
        return list(self.state.timelines.get(self.state.channel(channel).channel_id, []))

    def ephemerals(self, user_id: str) -> list[Message]:
        """Return what only this person sees, oldest first."""
        return [message for message in self.state.ephemeral if message.visible_to == user_id]


def _people(state: WorkspaceState) -> list[Person]:
    """Who may sign in with Slack, as Slack names them."""
    return [
        Person(
            user.user_id,
            user.real_name,
            {
                "email": user.email,
                "https://slack.com/user_id": user.user_id,
                "https://slack.com/team_id": state.team_id,
                **({"https://slack.com/enterprise_id": state.enterprise_id} if state.enterprise_id else {}),
            },
        )
        for user in state.users.values()
        if not user.is_bot
    ]

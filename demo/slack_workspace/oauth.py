"""Installing the app: the page on which somebody lets it in, and `oauth.v2.access`."""

import base64
import binascii
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

from demo.slack_workspace.content import checked_content
from demo.slack_workspace.context import Answer
from demo.slack_workspace.credentials import Credentials
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.models import Message
from demo.slack_workspace.params import Params
from demo.slack_workspace.state import WorkspaceState

PATH = "/oauth/v2/authorize"
METHOD = "oauth.v2.access"
CODE_SECONDS = 600.0
_WEBHOOK = "/services/{ticket}"
ROTATION_SECONDS = 43_200


@dataclass(frozen=True)
class Grant:
    """What somebody agreed to; the code for it is good once."""

    user_id: str
    channel_id: str
    redirect_uri: str
    scopes: frozenset[str]
    granted_at: float


@dataclass
class OAuth:
    """The app as the workspace's installer meets it. With `rotates`, tokens end after twelve hours.

    Where the workspace is one of an organisation, that installs as a whole, or the workspace `alone`.
    """

    state: WorkspaceState
    credentials: Credentials
    client_id: str = "1234567890.0987654321"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    rotates: bool = False
    alone: bool = False
    base_url: str = ""
    _webhooks: dict[str, str] = field(default_factory=dict)
    _grants: dict[str, Grant] = field(default_factory=dict)
    _refresh_token: str | None = None

    def allow(self, authorize_url: str, user_id: str, channel_id: str, *, without: Collection[str] = ()) -> str:
        """Press Allow on the page at this address, without some of the scopes; returns where the browser goes."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        self._check_client(asked.get("client_id", ""))
        scopes = frozenset(asked.get("scope", "").split(",")) - set(without)
        code = secrets.token_hex(16)
        redirect_uri = asked.get("redirect_uri", "")
        self._grants[code] = Grant(user_id, channel_id, redirect_uri, scopes, self.state.clock())
        return f"{redirect_uri}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    def _check_client(self, client_id: str) -> None:
        if client_id != self.client_id:
            raise SlackError("invalid_client_id")

    def access(self, authorization: str, params: Params) -> Answer:
        """Answer `oauth.v2.access`: exchange a code, or a refresh token."""
        client_id, client_secret = _basic(authorization) or (params.get("client_id"), params.get("client_secret"))
        self._check_client(str(client_id))
        if client_secret != self.client_secret:
            raise SlackError("bad_client_secret")
        if params.get("grant_type") == "refresh_token":
            return self._refresh(params)
        return self._install(params)

    def _install(self, params: Params) -> Answer:
        grant = self._grants.pop(str(params.get("code")), None)
        if grant is None or self.state.clock() - grant.granted_at > CODE_SECONDS:
            raise SlackError("invalid_code")
        if params.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
            raise SlackError("bad_redirect_uri")
        self.state.scopes = set(grant.scopes)
        self.state.is_installed = True
        if self.credentials.refusal is not None or self.rotates:
            self.credentials.renew()
        return {**self._bot(), **self._place(), **self._webhook(grant), "authed_user": {"id": grant.user_id}}

    def _bot(self) -> Answer:
        return {
            "app_id": self.state.app_id,
            "bot_user_id": self.state.bot.user_id,
            "token_type": "bot",
            "scope": ",".join(sorted(self.state.scopes)),
            **self._token(),
        }

    def _token(self) -> Answer:
        token: Answer = {"access_token": self.credentials.bot_token}
        if self.rotates:
            self._refresh_token = f"xoxe-1-{secrets.token_hex(16)}"
            token |= {"refresh_token": self._refresh_token, "expires_in": ROTATION_SECONDS}
        return token

    def _place(self) -> Answer:
        enterprise = {"id": self.state.enterprise_id, "name": self.state.team_name}
        return {
            "team": None if self._is_org else {"id": self.state.team_id, "name": self.state.team_name},
            "enterprise": enterprise if self.state.enterprise_id else None,
            "is_enterprise_install": self._is_org,
        }

    @property
    def _is_org(self) -> bool:
        return bool(self.state.enterprise_id) and not self.alone

    def _webhook(self, grant: Grant) -> Answer:
        """Name the channel that was picked; an organisation as a whole has none to pick."""
        if self._is_org or "incoming-webhook" not in grant.scopes:
            return {}
        channel = self.state.channel(grant.channel_id)
        ticket = secrets.token_hex(8)
        self._webhooks[ticket] = channel.channel_id
        address = f"{self.base_url}{_WEBHOOK.format(ticket=ticket)}"
        return {"incoming_webhook": {"channel": f"#{channel.name}", "channel_id": channel.channel_id, "url": address}}

    def _refresh(self, params: Params) -> Answer:
        if not self._refresh_token or params.get("refresh_token") != self._refresh_token:
            raise SlackError("invalid_refresh_token")
        self.credentials.renew()
        return {**self._bot(), **self._place()}

    def add_routes(self, app: web.Application) -> None:
        """Add the page on which somebody lets the app in."""

        async def show(request: web.Request) -> web.Response:
            return web.Response(text=self._page(str(request.url)), content_type="text/html")

        async def allow(request: web.Request) -> web.Response:
            chosen = await request.post()
            try:
                place = self.allow(str(request.url), str(chosen.get("user")), str(chosen.get("channel")))
            except SlackError as refused:
                raise web.HTTPBadRequest(text=refused.code) from None
            raise web.HTTPFound(place)

        app.router.add_post(_WEBHOOK, self._write)
        app.router.add_get(PATH, show)
        app.router.add_post(PATH, allow)

    async def _write(self, request: web.Request) -> web.Response:
        """Write what came to an incoming webhook into its channel, where the bot need not be a member."""
        channel_id = self._webhooks.get(request.match_info["ticket"])
        if channel_id is None or self.credentials.refusal is not None:
            raise web.HTTPNotFound(text="no_service")
        content = checked_content(await request.json())
        state = self.state
        state.add_message(Message(channel_id, state.next_ts(), state.bot.user_id, bot_id=state.bot_id, **content))
        return web.Response(text="ok")

    def _page(self, address: str) -> str:
        people = [(user.user_id, user.real_name) for user in self.state.users.values() if not user.is_bot]
        channels = [(c.channel_id, f"#{c.name}") for c in self.state.channels.values() if not c.is_direct]
        scopes = parse_qs(urlsplit(address).query).get("scope", [""])[0].split(",")
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Allow</title>'
            f"<h1>{escape(self.state.bot.name)} asks to join {escape(self.state.team_name)}</h1>"
            f"<ul>{''.join(f'<li>{escape(scope)}</li>' for scope in scopes)}</ul>"
            f'<form method="post" action="{escape(address)}">'
            f"<label>You are {_select('user', people)}</label> <label>Where may it post? {_select('channel', channels)}"
            "</label> <button>Allow</button></form></html>"
        )


def _select(name: str, options: list[tuple[str, str]]) -> str:
    rows = "".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in options)
    return f'<select name="{name}">{rows}</select>'


def _basic(authorization: str) -> tuple[str, str] | None:
    kind, _, encoded = authorization.partition(" ")
    if kind != "Basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret

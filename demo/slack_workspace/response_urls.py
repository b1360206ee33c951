"""The response_url of a command or a click: five answers within thirty minutes."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from demo.slack_workspace.content import checked_content, require_something_to_say
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.models import Message
from demo.slack_workspace.params import Params, is_true
from demo.slack_workspace.state import WorkspaceState
from demo.slack_workspace.web_api import WebApi

LIFETIME_SECONDS = 30 * 60
MAX_USES = 5
METHOD = "response_url"


@dataclass
class ResponseUrl:
    """One address the bot may answer to, and what it has sent there so far."""

    channel_id: str
    user_id: str
    issued_at: float
    original: Message | None = None
    posts: list[dict[str, Any]] = field(default_factory=list)


class ResponseUrls:
    """All addresses handed out, and the endpoint behind them."""

    def __init__(self, state: WorkspaceState, api: WebApi) -> None:
        self._state = state
        self._api = api
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, channel_id: str, user_id: str, original: Message | None) -> tuple[str, ResponseUrl]:
        """Return the path of a fresh address and what will be known of it."""
        token = secrets.token_urlsafe(18)
        self._issued[token] = ResponseUrl(channel_id, user_id, self._state.clock(), original)
        return f"/response/{self._state.team_id}/{token}", self._issued[token]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take one answer; a dead address gives 404, a broken message 400, as at Slack."""
        body = _parsed(await request.read())
        failure = self._api.failures.take(METHOD)
        if failure is None or failure.after_effect:
            response = self._accept(request.match_info["token"], body)
        if failure is not None:
            return self._api.fail(request, METHOD, body, failure)
        return response

    def _accept(self, token: str, body: Params) -> web.Response:
        try:
            address = self._alive(token)
            respond(self._state, address, body)
        except SlackError as error:
            dead = error.code in ("expired_url", "used_url")
            return self._api.answer(METHOD, body, (404 if dead else 400, error.to_answer(), {}))
        self._api.answer(METHOD, body, (200, {"ok": True}, {}))
        return web.Response(text="ok")

    def _alive(self, token: str) -> ResponseUrl:
        address = self._issued.get(token)
        if address is None or self._state.clock() - address.issued_at > LIFETIME_SECONDS:
            raise SlackError("expired_url")
        if len(address.posts) >= MAX_USES:
            raise SlackError("used_url")
        return address


def _parsed(text: bytes) -> Params:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def respond(state: WorkspaceState, address: ResponseUrl, body: Params) -> None:
    """Show an answer: change or delete the original, or say something new."""
    if is_true(body.get("delete_original")):
        if address.original is not None:
            state.remove_message(address.original)
    else:
        content = checked_content(body)
        require_something_to_say(content)
        if is_true(body.get("replace_original")) and address.original is not None:
            state.edit_message(address.original, {"blocks": [], "attachments": [], **content})
        else:
            _say(state, address, body, content)
    address.posts.append(body)
    state.touch()


def _say(state: WorkspaceState, address: ResponseUrl, body: Params, content: dict[str, Any]) -> None:
    in_channel = body.get("response_type") == "in_channel"
    message = state.add_message(
        Message(
            channel_id=address.channel_id,
            message_ts=state.next_ts(),
            user_id=state.bot.user_id,
            text=content.get("text", ""),
            blocks=content.get("blocks", []),
            attachments=content.get("attachments", []),
            metadata=content.get("metadata"),
            thread_ts=body.get("thread_ts"),
            bot_id=state.bot_id,
            app_id=state.app_id,
            visible_to=None if in_channel else address.user_id,
        )
    )
    address.original = address.original or message

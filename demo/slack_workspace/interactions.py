"""What people do: run commands, click, choose, fill in modals. Every act is a signed request to the bot."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.slack_workspace import payloads
from demo.slack_workspace.context import Context
from demo.slack_workspace.errors import NoSuchElementError, SlackError
from demo.slack_workspace.inputs import filled_in, find_element, missing_fields, state_values
from demo.slack_workspace.models import Message, View
from demo.slack_workspace.response_urls import ResponseUrl, ResponseUrls, respond
from demo.slack_workspace.signing import Ack, Sender
from demo.slack_workspace.state import WorkspaceState
from demo.slack_workspace.views import checked_view, push_view, replace_view, top_modal

SLACKBOT = "USLACKBOT"
NOT_SENT = Ack(0, error="not_sent")


@dataclass
class AppUrls:
    """Where the bot takes commands, interactions and events; None until it is connected."""

    commands: str | None = None
    actions: str | None = None
    events: str | None = None


@dataclass
class Interaction:
    """What came of something a person did.

    `error` is what the person was told went wrong; `errors` are the complaints at form fields, by block_id.
    """

    ack: Ack
    state: WorkspaceState
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    response_url: ResponseUrl | None = None

    @property
    def posts(self) -> list[dict[str, Any]]:
        """What the bot has sent to the response_url up to now."""
        return self.response_url.posts if self.response_url else []

    async def wait_for_posts(self, count: int = 1, seconds: float = 30.0) -> list[dict[str, Any]]:
        """Wait until the bot has used the response_url `count` times; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(self.posts) < count:
                await self.state.wait_for_change(self.state.revision)
        return self.posts


class Interactions:
    """The hands of the workspace's people."""

    def __init__(self, context: Context, sender: Sender, addresses: ResponseUrls, urls: AppUrls) -> None:
        self.base_url = ""
        self._context = context
        self._state = context.state
        self._sender = sender
        self._addresses = addresses
        self._urls = urls

    async def run_command(self, user_id: str, channel: str, line: str) -> Interaction:
        """Type a slash command such as `/dd0c status`."""
        user, place = self._state.user(user_id), self._state.channel(channel)
        path, address = self._addresses.issue(place.channel_id, user_id, None)
        fields = payloads.command_fields(self._state, user, place, line)
        fields |= {
            "response_url": self.base_url + path,
            "trigger_id": self._context.triggers.issue(user_id),
        }
        ack = await self._sender.send_form(self._urls.commands, fields)
        error = self._show_answer(address, ack, fields["command"])
        return Interaction(ack, self._state, error, response_url=address)

    def _show_answer(self, address: ResponseUrl, ack: Ack, command: str) -> str | None:
        if ack.error:
            reason = ack.error if ack.error == "operation_timeout" else "dispatch_failed"
            return self._tell(address, f'{command} failed with the error "{reason}"')
        body = ack.json or {"text": ack.text}
        if not any(body.get(name) for name in ("text", "blocks", "attachments")):
            return None
        shown = ResponseUrl(address.channel_id, address.user_id, address.issued_at)
        try:
            respond(self._state, shown, body)
        except SlackError as refused:
            return self._tell(address, f'{command} failed with the error "{refused.code}"')
        address.original = shown.original
        return None

    def _tell(self, address: ResponseUrl, text: str) -> str:
        notice = Message(address.channel_id, self._state.next_ts(), SLACKBOT, text)
        notice.visible_to = address.user_id
        self._state.add_message(notice)
        return text

    async def act(self, user_id: str, channel: str, message_ts: str, action_id: str, value: Any) -> Interaction:
        """Click a button or choose from a menu on a message this person sees."""
        user, place = self._state.user(user_id), self._state.channel(channel)
        message = self._state.seen_by(user_id, place.channel_id, message_ts)
        path, address = self._addresses.issue(place.channel_id, user_id, message)
        payload = payloads.interaction(self._state, "block_actions", user)
        payload |= payloads.in_message(self._state, message, place)
        surface = [*message.blocks, *(b for a in message.attachments for b in a.get("blocks") or [])]
        payload |= self._used(user_id, message_ts, surface, action_id, value)
        payload["response_url"] = self.base_url + path
        ack = await self._sender.send_payload(self._urls.actions, payload)
        error = self._tell(address, self._silence()) if ack.error else None
        return Interaction(ack, self._state, error, response_url=address)

    def _used(
        self, user_id: str, surface_id: str, blocks: list[dict[str, Any]], action_id: str, value: Any
    ) -> payloads.Payload:
        block_id, element = find_element(blocks, action_id, value)
        used = payloads.action(self._state, block_id, element, value)
        chosen = self._state.selections.setdefault((user_id, surface_id), {})
        if element["type"] not in ("button", "overflow"):
            kept = {name: used[name] for name in used if name == "type" or name.startswith(("selected", "value"))}
            chosen.setdefault(block_id, {})[action_id] = kept
        return {
            "actions": [used],
            "state": {"values": state_values(blocks, chosen)},
            "trigger_id": self._context.triggers.issue(user_id),
        }

    def _silence(self) -> str:
        return f"{self._state.bot.name} didn't respond"

    def _open_view(self, user_id: str, view_id: str) -> View:
        view = self._state.views.get(view_id)
        if view is None or not view.is_open or view.user_id != user_id:
            raise NoSuchElementError(f"{user_id} has no view {view_id} open")
        return view

    async def act_in_view(self, user_id: str, view_id: str, action_id: str, value: Any) -> Interaction:
        """Click a button or choose from a menu in a modal or on the Home tab."""
        view = self._open_view(user_id, view_id)
        blocks = view.payload["blocks"]
        used = self._used(user_id, view_id, blocks, action_id, value)
        payload = payloads.interaction(self._state, "block_actions", self._state.user(user_id))
        payload |= payloads.in_view(view, used["state"]["values"])
        payload |= {"actions": used["actions"], "trigger_id": used["trigger_id"]}
        ack = await self._sender.send_payload(self._urls.actions, payload)
        return Interaction(ack, self._state, self._silence() if ack.error else None)

    async def submit_view(self, user_id: str, view_id: str, values: Mapping[str, Any]) -> Interaction:
        """Fill in a modal and press its submit button; an empty required field is never sent."""
        view = self._open_view(user_id, view_id)
        blocks = view.payload["blocks"]
        chosen = self._state.selections.get((user_id, view_id), {}) | filled_in(blocks, values)
        entered = state_values(blocks, chosen)
        missing = missing_fields(blocks, entered)
        if missing:
            return Interaction(NOT_SENT, self._state, errors=missing)
        payload = payloads.interaction(self._state, "view_submission", self._state.user(user_id))
        payload |= {"view": view.to_slack(entered), "response_urls": []}
        payload["trigger_id"] = self._context.triggers.issue(user_id)
        ack = await self._sender.send_payload(self._urls.actions, payload)
        if ack.error:
            return Interaction(ack, self._state, "We had some trouble connecting. Try again?")
        return self._after_submit(view, ack)

    def _after_submit(self, view: View, ack: Ack) -> Interaction:
        answer = ack.json
        try:
            if answer.get("response_action") == "errors":
                return Interaction(ack, self._state, errors=dict(answer.get("errors") or {}))
            if answer.get("response_action") == "update":
                replace_view(self._state, view, checked_view(answer.get("view"), "modal"))
            elif answer.get("response_action") == "push":
                push_view(self._state, view, checked_view(answer.get("view"), "modal"))
            else:
                self._close(view, everything=answer.get("response_action") == "clear")
        except SlackError as refused:
            return Interaction(ack, self._state, f"the app's answer was refused: {refused.code} {refused.messages}")
        return Interaction(ack, self._state)

    def _close(self, view: View, *, everything: bool) -> None:
        view.is_open = False
        if everything:
            while (below := top_modal(self._state, view.user_id)) is not None:
                below.is_open = False
        self._state.touch()

    async def close_view(self, user_id: str, view_id: str) -> Interaction:
        """Close a modal; the bot hears of it only if it asked to."""
        view = self._open_view(user_id, view_id)
        self._close(view, everything=bool(view.payload.get("clear_on_close")))
        if not view.payload.get("notify_on_close"):
            return Interaction(NOT_SENT, self._state)
        payload = payloads.interaction(self._state, "view_closed", self._state.user(user_id))
        payload |= {"view": view.to_slack(), "is_cleared": bool(view.payload.get("clear_on_close"))}
        return Interaction(await self._sender.send_payload(self._urls.actions, payload), self._state)

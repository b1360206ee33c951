"""What a person in front of Slack can see and do."""

from collections.abc import Mapping, Sequence
from typing import Any

from demo.slack_workspace.credentials import Credentials
from demo.slack_workspace.events import EventDelivery, deliver
from demo.slack_workspace.interactions import SLACKBOT, AppUrls, Interaction, Interactions
from demo.slack_workspace.models import Message, View
from demo.slack_workspace.payloads import event_envelope
from demo.slack_workspace.signing import Ack, Sender
from demo.slack_workspace.state import WorkspaceState
from demo.slack_workspace.views import top_modal


class PeopleActions:
    """The workspace as people use it; the page and the tests act through the same methods."""

    def __init__(
        self,
        *,
        state: WorkspaceState,
        sender: Sender,
        people: Interactions,
        app_urls: AppUrls,
        commands: Sequence[str],
        retry_delays: Sequence[float],
        credentials: Credentials,
    ) -> None:
        self.state = state
        self.commands = tuple(commands)
        self._sender = sender
        self._people = people
        self.app_urls = app_urls
        self._retry_delays = tuple(retry_delays)
        self._credentials = credentials

    @property
    def views(self) -> dict[str, View]:
        """Every modal and Home view ever opened, by view_id; `is_open` tells which still are."""
        return self.state.views

    def modal(self, user_id: str) -> View | None:
        """Return the modal a person has in front of them."""
        return top_modal(self.state, user_id)

    def home(self, user_id: str) -> View | None:
        """Return the Home tab a person sees."""
        return self.state.homes.get(user_id)

    def link_to(self, label: str, url: str) -> None:
        """Let the page lead to another page on this machine, such as a ticket's."""
        self.state.links.append((label, url))
        self.state.touch()

    async def wait_for_change(self, seen_revision: int) -> int:
        """Wait until anything changed since `state.revision` was `seen_revision`."""
        return await self.state.wait_for_change(seen_revision)

    def say(self, user_id: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        """Let a person write a message (plain text; Slack escapes it)."""
        place = self.state.channel(channel)
        return self.state.add_message(
            Message(place.channel_id, self.state.next_ts(), user_id, escape(text), thread_ts=thread_ts)
        )

    def dismiss(self, message: Message) -> None:
        """Let a person clear away what only they see, as Slack's "Dismiss message" does."""
        if message.is_ephemeral:
            self.state.remove_message(message)

    async def run_command(self, user_id: str, channel: str, line: str) -> Interaction:
        """Type a slash command."""
        return await self._people.run_command(user_id, channel, line)

    async def click(
        self, user_id: str, channel: str, message_ts: str, action_id: str, value: str | None = None
    ) -> Interaction:
        """Click a button on a message; raises NoSuchElementError if this person sees no such button."""
        return await self._people.act(user_id, channel, message_ts, action_id, value)

    async def select(self, user_id: str, channel: str, message_ts: str, action_id: str, value: Any) -> Interaction:
        """Choose the option with this value from a menu, or a date, on a message."""
        return await self._people.act(user_id, channel, message_ts, action_id, value)

    async def act_in_view(self, user_id: str, view_id: str, action_id: str, value: Any = None) -> Interaction:
        """Click or choose in a modal or on the Home tab."""
        return await self._people.act_in_view(user_id, view_id, action_id, value)

    async def submit_view(self, user_id: str, view_id: str, values: Mapping[str, Any] | None = None) -> Interaction:
        """Fill in and submit a modal; `values` by action_id or block_id, options by their value."""
        return await self._people.submit_view(user_id, view_id, values or {})

    async def close_view(self, user_id: str, view_id: str) -> Interaction:
        """Close a modal without submitting it."""
        return await self._people.close_view(user_id, view_id)

    async def send_event(self, event: dict[str, Any]) -> EventDelivery:
        """Deliver a Slack event, with Slack's retries when the bot does not take it."""
        envelope = event_envelope(self.state, event)
        return await deliver(self._sender, self.app_urls.events, envelope, self._retry_delays)

    async def uninstall(self) -> list[EventDelivery]:
        """Take the app out of the workspace: its token is revoked and it hears of that, in the order Slack has."""
        self._credentials.refusal = "account_inactive"
        self.state.is_installed = False
        self.state.touch()
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.state.bot.user_id]}}
        return [await self.send_event(revoked), await self.send_event({"type": "app_uninstalled"})]

    async def deliver_again(self, number: int) -> Ack:
        """Send the bot what was sent last, as its repetition of this number; each of its addresses takes everything."""
        return await self._sender.repeat(self.app_urls.events, number)

    async def open_home(self, user_id: str) -> EventDelivery:
        """Open the bot's Home tab; the bot hears `app_home_opened`."""
        channel = self.state.direct_channel(user_id)
        event = {"type": "app_home_opened", "user": user_id, "channel": channel.channel_id, "tab": "home"}
        return await self.send_event(event)

    async def type_line(
        self, user_id: str, channel: str, text: str, thread_ts: str | None = None
    ) -> Interaction | None:
        """Do what the message box does: run a slash command, invite the bot, or say something."""
        word = text.split(maxsplit=1)[0]
        if word in self.commands:
            return await self.run_command(user_id, channel, text)
        if word == "/invite" and text.split()[1:] == [f"@{self.state.bot.name}"]:
            self.invite_bot(channel)
        elif word.startswith("/"):
            self._complain(user_id, channel, word)
        else:
            self.say(user_id, channel, text, thread_ts=thread_ts)
        return None

    def _complain(self, user_id: str, channel: str, word: str) -> None:
        place = self.state.channel(channel)
        text = f"{escape(word)} is not a valid command here."
        notice = Message(place.channel_id, self.state.next_ts(), SLACKBOT, text, visible_to=user_id)
        self.state.add_message(notice)

    def invite_bot(self, channel: str) -> None:
        """Do what `/invite @dd0c` does."""
        self.state.channel(channel).members.add(self.state.bot.user_id)
        self.state.touch()


def escape(text: str) -> str:
    """Return typed text as Slack stores it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

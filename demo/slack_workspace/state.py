"""Everything the workspace remembers, in memory, with look-ups that refuse as Slack does."""

import asyncio
from collections.abc import Callable
from typing import Any

from demo.slack_workspace.errors import NoSuchElementError, SlackError
from demo.slack_workspace.models import Channel, Message, Revision, User, View

HISTORY_SCOPES = frozenset({"channels:history", "groups:history", "im:history"})
USUAL_SCOPES = frozenset(
    {
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "groups:read",
        "im:read",
        "im:write",
        "incoming-webhook",
        "team:read",
        "users:read",
        "users:read.email",
    }
)


class WorkspaceState:
    """Users, channels, messages and views of one team; every change wakes whoever waits for one."""

    def __init__(self, clock: Callable[[], float], bot_name: str, team_name: str) -> None:
        self.clock = clock
        self.team_name = team_name
        self.team_id = "T0DD0C0001"
        self.sister_teams: list[str] = []  # Other workspaces of the organisation for which the app was approved.
        self.enterprise_id = ""  # Set, the workspace is one of an organisation that installed the app as a whole.
        self.is_installed = True
        self.app_id = "A0DD0C0001"
        self.bot_id = "B0DD0C0001"
        self.scopes = set(USUAL_SCOPES)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.timelines: dict[str, list[Message]] = {}
        self.ephemeral: list[Message] = []
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.selections: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self.links: list[tuple[str, str]] = []  # (label, address) of pages elsewhere that the page leads to.
        self.revision = 0
        self._watchers: set[asyncio.Event] = set()
        self._last_microseconds = 0
        self._serial = 0
        self.bot = self._bot_user(bot_name)

    def _bot_user(self, name: str) -> User:
        bot = User("U0DD0CB0T0", name, name, "", self.team_id, is_bot=True)
        self.users[bot.user_id] = bot
        return bot

    def next_id(self, prefix: str) -> str:
        """Return a fresh id such as `C0DD0C0007`."""
        self._serial += 1
        return f"{prefix}0DD0C{self._serial:04d}"

    def next_ts(self) -> str:
        """Return a message_ts by the clock, always greater than the one before."""
        now = int(self.clock()) * 1_000_000 + 100
        self._last_microseconds = max(now, self._last_microseconds + 100)
        return f"{self._last_microseconds // 1_000_000}.{self._last_microseconds % 1_000_000:06d}"

    def touch(self) -> None:
        """Tell everybody who watches that something is different now."""
        self.revision += 1
        for watcher in self._watchers:
            watcher.set()

    async def wait_for_change(self, seen_revision: int) -> int:
        """Return the current revision as soon as it differs from the one already seen."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            if self.revision == seen_revision:
                await watcher.wait()
        finally:
            self._watchers.discard(watcher)
        return self.revision

    def channel(self, reference: object) -> Channel:
        """Find a conversation by id, by `#name`, or by the id of the person a direct message goes to."""
        if not isinstance(reference, str) or not reference:
            raise SlackError("channel_not_found")
        if reference in self.channels:
            return self.channels[reference]
        if reference in self.users:
            return self.direct_channel(reference)
        by_name = [c for c in self.channels.values() if c.name and c.name == reference.removeprefix("#")]
        if not by_name:
            raise SlackError("channel_not_found")
        return by_name[0]

    def direct_channel(self, user_id: str) -> Channel:
        """Find or open the direct message between the bot and one person."""
        members = {user_id, self.bot.user_id}
        for channel in self.channels.values():
            if channel.is_direct and channel.members == members:
                return channel
        channel = Channel(self.next_id("D"), "", is_private=True, is_direct=True, members=members)
        self.channels[channel.channel_id] = channel
        self.touch()
        return channel

    def user(self, user_id: object) -> User:
        """Find a person by id."""
        if not isinstance(user_id, str) or user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def find_message(self, channel_id: str, message_ts: object) -> Message | None:
        """Find a message or thread reply everybody can see."""
        roots = self.timelines.get(channel_id, [])
        everything = (message for root in roots for message in (root, *root.replies))
        return next((message for message in everything if message.message_ts == message_ts), None)

    def seen_by(self, user_id: str, channel_id: str, message_ts: str) -> Message:
        """Find what this person sees under that message_ts, ephemeral messages included."""
        found = self.find_message(channel_id, message_ts)
        private = [m for m in self.ephemeral if (m.channel_id, m.message_ts) == (channel_id, message_ts)]
        found = found or next((m for m in private if m.visible_to == user_id), None)
        if found is None:
            raise NoSuchElementError(f"{user_id} sees no message {message_ts} in {channel_id}")
        return found

    def add_message(self, message: Message) -> Message:
        """Put a message into its channel, thread, or one person's sight."""
        self._name_blocks(message)
        if message.is_ephemeral:
            self.ephemeral.append(message)
        elif message.thread_ts and message.thread_ts != message.message_ts:
            root = self.find_message(message.channel_id, message.thread_ts)
            if root is None:
                raise SlackError("thread_not_found")
            root.replies.append(message)
        else:
            self.timelines.setdefault(message.channel_id, []).append(message)
        self.touch()
        return message

    def edit_message(self, message: Message, changes: dict[str, Any]) -> None:
        """Replace the given fields of a message and remember what it said before."""
        message.history.append(Revision(message.text, message.blocks, self.clock()))
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited_ts = f"{self.clock():.6f}"
        self._name_blocks(message)
        self.touch()

    def remove_message(self, message: Message) -> None:
        """Take a message away, and its replies with it."""
        places = [self.ephemeral, *self.timelines.values()]
        places += [root.replies for timeline in self.timelines.values() for root in timeline]
        for place in places:
            place[:] = [other for other in place if other is not message]
        self.touch()

    def _name_blocks(self, message: Message) -> None:
        message.blocks = with_ids(message.blocks, self.next_id)


def with_ids(blocks: list[dict[str, Any]], next_id: Callable[[str], str]) -> list[dict[str, Any]]:
    """Give ids to blocks and elements that came without one, as Slack does."""
    named = ({**block, "block_id": block.get("block_id") or next_id("b")} for block in blocks)
    return [_with_action_ids(block, next_id) for block in named]


def _with_action_ids(block: dict[str, Any], next_id: Callable[[str], str]) -> dict[str, Any]:
    def named(element: Any) -> Any:
        passive = not isinstance(element, dict) or element.get("type") in (None, "image")
        return element if passive else {**element, "action_id": element.get("action_id") or next_id("a")}

    changed = dict(block)
    if block["type"] == "actions":
        changed["elements"] = [named(element) for element in block["elements"]]
    for place in ("accessory", "element"):
        if place in block:
            changed[place] = named(block[place])
    return changed

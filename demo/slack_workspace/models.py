"""The things a Slack workspace is made of, and how the Web API shows them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class User:
    """A person or a bot of the workspace."""

    user_id: str
    name: str
    real_name: str
    email: str
    team_id: str
    is_admin: bool = False
    is_bot: bool = False
    timezone: str = "UTC"
    deleted: bool = False

    def to_slack(self, *, with_email: bool) -> dict[str, Any]:
        """Return the user object; the address is only for apps with `users:read.email`."""
        profile = {"real_name": self.real_name, "display_name": self.name}
        if with_email and not self.is_bot:
            profile["email"] = self.email
        return {
            "id": self.user_id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_bot": self.is_bot,
            "tz": self.timezone,
            "profile": profile,
        }


@dataclass
class Channel:
    """A channel or a direct message."""

    channel_id: str
    name: str
    is_private: bool = False
    is_direct: bool = False
    is_archived: bool = False
    members: set[str] = field(default_factory=set)

    @property
    def history_scope(self) -> str:
        """The scope an app needs to read this conversation."""
        if self.is_direct:
            return "im:history"
        return "groups:history" if self.is_private else "channels:history"

    def to_slack(self, bot_user_id: str) -> dict[str, Any]:
        """Return the conversation object as the bot sees it."""
        if self.is_direct:
            peer = next(iter(self.members - {bot_user_id}), bot_user_id)
            return {"id": self.channel_id, "is_im": True, "user": peer, "is_archived": self.is_archived}
        return {
            "id": self.channel_id,
            "name": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_member": bot_user_id in self.members,
            "num_members": len(self.members),
        }


@dataclass(frozen=True)
class Revision:
    """What a message said before an edit, and when (seconds since the epoch) that edit came."""

    text: str
    blocks: list[dict[str, Any]]
    replaced_at: float


@dataclass
class Message:
    """A message as it stands now, with what it said before."""

    channel_id: str
    message_ts: str
    user_id: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    is_broadcast: bool = False
    bot_id: str | None = None
    app_id: str | None = None
    visible_to: str | None = None
    edited_ts: str | None = None
    history: list[Revision] = field(default_factory=list)
    replies: list["Message"] = field(default_factory=list)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person can see it."""
        return self.visible_to is not None

    def to_slack(self, team_id: str, *, with_metadata: bool = False) -> dict[str, Any]:
        """Return the message object of the Web API."""
        shown: dict[str, Any] = {
            "type": "message",
            "user": self.user_id,
            "text": self.text,
            "ts": self.message_ts,
            "team": team_id,
        }
        optional = {
            "blocks": self.blocks,
            "attachments": self.attachments,
            "thread_ts": self.thread_ts,
            "subtype": "thread_broadcast" if self.is_broadcast else None,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "metadata": self.metadata if with_metadata else None,
            "edited": {"user": self.user_id, "ts": self.edited_ts} if self.edited_ts else None,
        }
        shown.update({name: value for name, value in optional.items() if value})
        if self.replies:
            shown |= {
                "thread_ts": self.message_ts,
                "reply_count": len(self.replies),
                "latest_reply": self.replies[-1].message_ts,
            }
        return shown


@dataclass
class View:
    """A modal somebody has open, or the Home tab one person sees."""

    view_id: str
    user_id: str
    payload: dict[str, Any]
    hash: str
    team_id: str
    app_id: str
    bot_id: str
    is_open: bool = True
    previous_view_id: str | None = None
    root_view_id: str = ""

    def to_slack(self, state: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the view object, with the values people filled in if given."""
        payload = {"private_metadata": "", "callback_id": "", "external_id": "", **self.payload}
        return {
            **payload,
            "id": self.view_id,
            "team_id": self.team_id,
            "app_id": self.app_id,
            "bot_id": self.bot_id,
            "hash": self.hash,
            "state": {"values": state or {}},
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id or self.view_id,
        }


@dataclass(frozen=True)
class Call:
    """One request the Web API (or a response_url) received, and what it answered.

    `time` is in seconds since the epoch by the workspace's clock; `status` is 0 when the
    connection was cut instead of answered.
    """

    method: str
    params: dict[str, Any]
    time: float
    status: int
    answer: dict[str, Any]

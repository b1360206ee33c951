"""What one person sees of the workspace right now, as JSON for the page."""

from typing import Any

from demo.slack_workspace.acts import PeopleActions
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.models import Channel, Message
from demo.slack_workspace.state import WorkspaceState


def snapshot(people: PeopleActions, user_id: str | None, channel_ref: str | None) -> dict[str, Any]:
    """Return people, channels, the chosen channel's messages, and this person's modal and Home tab."""
    state = people.state
    user_id = user_id if user_id in state.users else _first_person(state)
    channel = _channel(state, channel_ref, user_id)
    modal = people.modal(user_id)
    home = people.home(user_id)
    return {
        "revision": state.revision,
        "team": state.team_name,
        "user": user_id,
        "links": [{"label": label, "url": url} for label, url in state.links],
        "installed": state.is_installed,
        "bot": {"id": state.bot.user_id, "name": state.bot.name},
        "commands": list(people.commands),
        "users": [
            {"id": user.user_id, "name": user.name, "real_name": user.real_name, "is_bot": user.is_bot}
            for user in state.users.values()
        ],
        "channels": [_shown_channel(state, c) for c in state.channels.values() if user_id in c.members],
        "channel": channel.channel_id if channel else None,
        "messages": _messages(state, channel, user_id) if channel else [],
        "modal": modal.to_slack() if modal else None,
        "home": home.to_slack() if home else None,
        "chosen": {surface: chosen for (who, surface), chosen in state.selections.items() if who == user_id},
    }


def _first_person(state: WorkspaceState) -> str:
    people = [user.user_id for user in state.users.values() if not user.is_bot]
    return people[0] if people else state.bot.user_id


def _channel(state: WorkspaceState, reference: str | None, user_id: str) -> Channel | None:
    try:
        found = state.channel(reference)
    except SlackError:
        found = None
    if found is not None and user_id in found.members:
        return found
    mine = [c for c in state.channels.values() if user_id in c.members and not c.is_direct]
    return mine[0] if mine else None


def _shown_channel(state: WorkspaceState, channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.channel_id,
        "name": channel.name or state.bot.name,
        "is_private": channel.is_private,
        "is_direct": channel.is_direct,
        "is_archived": channel.is_archived,
        "members": len(channel.members),
        "has_bot": state.bot.user_id in channel.members,
    }


def _messages(state: WorkspaceState, channel: Channel, user_id: str) -> list[dict[str, Any]]:
    mine = [m for m in state.ephemeral if (m.visible_to, m.channel_id) == (user_id, channel.channel_id)]
    seen = [*state.timelines.get(channel.channel_id, []), *mine]
    return [_shown_message(state, m) for m in sorted(seen, key=lambda m: float(m.message_ts))]


def _shown_message(state: WorkspaceState, message: Message) -> dict[str, Any]:
    return {
        **message.to_slack(state.team_id),
        "ephemeral": message.is_ephemeral,
        "replies": [_shown_message(state, reply) for reply in message.replies],
    }

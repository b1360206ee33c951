"""What is said about the installation itself: the welcome, the first line in a channel, and that one was lost."""

from blocks.card import Block, Card, context, header, mrkdwn, plain_text, section
from blocks.routes import scope
from blocks.text import channel, code, is_channel_id, mention
from engine.models.routing import RouteRow

CHOOSE_CHANNEL = "welcome.choose_channel"
_CONNECT = "/dd0c connect 123456789012"
_WHY_LOST = {
    "is_archived": "it is archived",
    "not_in_channel": "dd0c is not a member of it",
    "channel_not_found": "it is gone, or private and dd0c is not a member of it",
}
_MENDED_THERE = {"is_archived": "Unarchive it and say `/invite @dd0c` there"}


def welcome(channel_id: str) -> Card:
    """Greet who installed the app; an empty id means that no channel was picked."""
    where = (
        f"Cards about expensive changes will come to {channel(channel_id)}."
        if channel_id
        else "Until you choose a channel, cards about expensive changes come here, to you alone."
    )
    blocks = [
        header("dd0c/cost is installed"),
        with_channel_select(section("channel", f"*1. Where alerts go*\n{where}"), channel_id),
        section(
            "connect",
            f"*2. Connect your first AWS account*\nSay {code(_CONNECT)} with the 12 digits of your account, in any "
            "channel. The answer has all you need: a read-only role that takes two minutes to create.",
        ),
        section(
            "next",
            "*3. That is all*\nThe last 90 days are read, so that your regular deploys stay silent from the first day. "
            f"{code('/dd0c help')} lists what else there is.",
        ),
        context("private", ["Only you see this message, because you installed the app. It can change nothing in AWS."]),
    ]
    return Card("dd0c/cost is installed. Next: connect your first AWS account.", blocks)


def taken_over(user_id: str) -> Card:
    """Say to who had installed the app for a workspace what changes where the organisation installs it as a whole."""
    text = (
        f"{mention(user_id)} installed dd0c/cost for your whole organisation, which took over what your workspace had: "
        "its AWS accounts, its cards and what was learned. You are an admin of it as before. From now on people of "
        "all your organisation's workspaces can ask for what it knows."
    )
    return Card(text, [section("taken-over", text)])


def first_line(user_id: str, row: RouteRow | None = None) -> Card:
    """What a channel that was chosen, for all cards or those of a route, sees first."""
    which = f": {scope(row)}" if row else ""
    text = f"{mention(user_id)} chose this channel: cards about expensive AWS changes come here from now on{which}."
    return Card(text, [section("chosen", text)])


def invitation() -> Card:
    """What the channel that was picked sees when cards cannot come there yet."""
    text = "Cards about expensive AWS changes are to come here. Say `/invite @dd0c`, so that they can."
    return Card(text, [section("invite", text)])


def lost_channel(channel_id: str, reason: str, *, instead: str = "", is_routed: bool = False) -> Card:
    """Say that a channel takes no cards, and what mends it; ``instead`` is the one that does, if there is one.

    Only the channel of all cards can be chosen right there; a route is changed where routes are.
    """
    why = _WHY_LOST.get(reason, f"Slack says {code(reason)}")
    where = f"go to {channel(instead)}" if instead else "come to you alone"
    mend = "change its route with `/dd0c settings route`" if is_routed else "choose another channel"
    text = (
        f"I cannot post to {channel(channel_id)}: {why}. Until that is mended, its cards {where}. "
        f"{_MENDED_THERE.get(reason, 'Say `/invite @dd0c` there')}, or {mend}."
    )
    block = section("lost", text)
    return Card(text, [block if is_routed else with_channel_select(block, "")])


def with_channel_select(block: Block, channel_id: str) -> Block:
    """A section with a menu of channels beside it, for where alerts go."""
    select: Block = {
        "type": "conversations_select",
        "action_id": CHOOSE_CHANNEL,
        "placeholder": plain_text("Choose a channel", 150),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if is_channel_id(channel_id):
        select["initial_conversation"] = channel_id
    return {**block, "text": mrkdwn(block["text"]["text"]), "accessory": select}

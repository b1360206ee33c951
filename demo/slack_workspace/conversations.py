"""Web API: conversations.*"""

from typing import Any

from demo.slack_workspace.context import Answer, Context, Endpoint
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.models import Channel, Message
from demo.slack_workspace.params import Params, is_true, page_of

HISTORY_PAGE = 100
MAX_PAGE = 999


def _visible_channel(context: Context, params: Params) -> Channel:
    channel = context.state.channel(params.get("channel"))
    if channel.is_private and context.state.bot.user_id not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def _timestamp(params: Params, name: str, default: float) -> float:
    raw = params.get(name)
    if raw in (None, ""):
        return default
    try:
        return float(str(raw))
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _in_window(messages: list[Message], params: Params) -> list[Message]:
    oldest = _timestamp(params, "oldest", 0.0)
    latest = _timestamp(params, "latest", float("inf"))
    if is_true(params.get("inclusive")):
        return [m for m in messages if oldest <= float(m.message_ts) <= latest]
    return [m for m in messages if oldest < float(m.message_ts) < latest]


def _page(context: Context, params: Params, messages: list[Message]) -> Answer:
    page, cursor = page_of(_in_window(messages, params), params, HISTORY_PAGE, MAX_PAGE)
    with_metadata = is_true(params.get("include_all_metadata"))
    answer: dict[str, Any] = {
        "messages": [m.to_slack(context.state.team_id, with_metadata=with_metadata) for m in page],
        "has_more": bool(cursor),
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _readable_channel(context: Context, params: Params) -> Channel:
    channel = _visible_channel(context, params)
    context.require_scope(channel.history_scope)
    if context.state.bot.user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def history(context: Context, params: Params) -> Answer:
    """Return a channel's messages, newest first, without thread replies."""
    channel = _readable_channel(context, params)
    return _page(context, params, context.state.timelines.get(channel.channel_id, [])[::-1])


def replies(context: Context, params: Params) -> Answer:
    """Return a thread, oldest first, beginning with the message it hangs on."""
    channel = _readable_channel(context, params)
    root = context.state.find_message(channel.channel_id, params.get("ts"))
    if root is None:
        raise SlackError("thread_not_found")
    return _page(context, params, [root, *root.replies])


def info(context: Context, params: Params) -> Answer:
    """Describe one conversation."""
    return {"channel": _visible_channel(context, params).to_slack(context.state.bot.user_id)}


def list_channels(context: Context, params: Params) -> Answer:
    """List the channels the bot may know of."""
    wanted = str(params.get("types") or "public_channel").split(",")
    bot_id = context.state.bot.user_id
    found = [
        channel.to_slack(bot_id)
        for channel in context.state.channels.values()
        if _type_of(channel) in wanted
        and (not channel.is_private or bot_id in channel.members)
        and not (channel.is_archived and is_true(params.get("exclude_archived")))
    ]
    page, cursor = page_of(found, params, HISTORY_PAGE, MAX_PAGE)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def _type_of(channel: Channel) -> str:
    if channel.is_direct:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def open_direct(context: Context, params: Params) -> Answer:
    """Open the direct message with one person."""
    users = params.get("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if isinstance(users, str):
        users = users.split(",")
    if not isinstance(users, list) or len(users) != 1:
        raise SlackError("method_not_supported_for_channel_type")
    channel = context.state.direct_channel(context.state.user(users[0]).user_id)
    return {"channel": channel.to_slack(context.state.bot.user_id)}


def join(context: Context, params: Params) -> Answer:
    """Let the bot enter a public channel."""
    channel = _visible_channel(context, params)
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    channel.members.add(context.state.bot.user_id)
    context.state.touch()
    return {"channel": channel.to_slack(context.state.bot.user_id)}


def members(context: Context, params: Params) -> Answer:
    """List who is in a conversation."""
    page, cursor = page_of(sorted(_visible_channel(context, params).members), params, HISTORY_PAGE, MAX_PAGE)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


METHODS = {
    "conversations.history": Endpoint(history),
    "conversations.replies": Endpoint(replies),
    "conversations.info": Endpoint(info, ("channels:read",)),
    "conversations.list": Endpoint(list_channels, ("channels:read",)),
    "conversations.open": Endpoint(open_direct, ("im:write",)),
    "conversations.join": Endpoint(join, ("channels:join",)),
    "conversations.members": Endpoint(members, ("channels:read",)),
}

"""Web API: chat.*"""

from typing import Any

from demo.slack_workspace.content import UPDATE_TEXT, checked_content, require_something_to_say
from demo.slack_workspace.context import Answer, Context, Endpoint, RateLimitedError
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.models import Channel, Message
from demo.slack_workspace.params import Params, is_true


def _writable_channel(context: Context, params: Params) -> Channel:
    channel = context.state.channel(params.get("channel"))
    if channel.is_archived:
        raise SlackError("is_archived")
    if context.state.bot.user_id not in channel.members:
        if channel.is_private:
            raise SlackError("channel_not_found")
        if "chat:write.public" not in context.state.scopes:
            raise SlackError("not_in_channel")
    return channel


def _bot_message(context: Context, channel: Channel, params: Params, content: dict[str, Any]) -> Message:
    state = context.state
    thread_ts = params.get("thread_ts") or None
    return Message(
        channel_id=channel.channel_id,
        message_ts=state.next_ts(),
        user_id=state.bot.user_id,
        text=content.get("text", ""),
        blocks=content.get("blocks", []),
        attachments=content.get("attachments", []),
        metadata=content.get("metadata"),
        thread_ts=thread_ts,
        is_broadcast=thread_ts is not None and is_true(params.get("reply_broadcast")),
        bot_id=state.bot_id,
        app_id=state.app_id,
    )


def post_message(context: Context, params: Params) -> Answer:
    """Post a message as the bot."""
    channel = _writable_channel(context, params)
    content = checked_content(params)
    require_something_to_say(content)
    wait = context.limiter.seconds_to_wait(channel.channel_id)
    if wait:
        raise RateLimitedError(wait)
    message = context.state.add_message(_bot_message(context, channel, params, content))
    shown = message.to_slack(context.state.team_id, with_metadata=True)
    return {"channel": channel.channel_id, "ts": message.message_ts, "message": shown}


def post_ephemeral(context: Context, params: Params) -> Answer:
    """Show a message to one member of a channel."""
    channel = _writable_channel(context, params)
    user = context.state.user(params.get("user"))
    if user.user_id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = checked_content(params)
    require_something_to_say(content)
    message = _bot_message(context, channel, params, content)
    message.visible_to = user.user_id
    context.state.add_message(message)
    return {"message_ts": message.message_ts}


def _own_message(context: Context, params: Params, refusal: str) -> Message:
    channel = context.state.channel(params.get("channel"))
    if channel.is_archived:
        raise SlackError("is_archived")
    message = context.state.find_message(channel.channel_id, params.get("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.bot_id != context.state.bot_id:
        raise SlackError(refusal)
    return message


def update(context: Context, params: Params) -> Answer:
    """Replace what was given; blocks and metadata that were left out stay as they are."""
    message = _own_message(context, params, "cant_update_message")
    content = checked_content(params, max_text=UPDATE_TEXT)
    if not content:
        raise SlackError("no_text")
    require_something_to_say({"text": message.text, "blocks": message.blocks, **content})
    context.state.edit_message(message, content)
    return {
        "channel": message.channel_id,
        "ts": message.message_ts,
        "text": message.text,
        "message": message.to_slack(context.state.team_id, with_metadata=True),
    }


def delete(context: Context, params: Params) -> Answer:
    """Take one of the bot's own messages away."""
    message = _own_message(context, params, "cant_delete_message")
    context.state.remove_message(message)
    return {"channel": message.channel_id, "ts": message.message_ts}


def get_permalink(context: Context, params: Params) -> Answer:
    """Give the address of a message that everybody in its conversation can open."""
    channel = context.state.channel(params.get("channel"))
    message = context.state.find_message(channel.channel_id, params.get("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    place = f"{channel.channel_id}/p{message.message_ts.replace('.', '')}"
    return {
        "channel": channel.channel_id,
        "permalink": f"https://{context.state.team_name}.slack.example/archives/{place}",
    }


METHODS = {
    "chat.postMessage": Endpoint(post_message, ("chat:write",)),
    "chat.postEphemeral": Endpoint(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Endpoint(get_permalink),
    "chat.update": Endpoint(update, ("chat:write",)),
    "chat.delete": Endpoint(delete, ("chat:write",)),
}

"""Why a channel takes no message of ours, and what mends that."""

from collections.abc import Mapping

from engine.errors import AccessDenied, Rejected

_INVITE = "Say `/invite @dd0c` there, and choose it again."
_ASK = "Ask an admin of your workspace to let dd0c post there, or choose another channel."
_WHY: Mapping[str, str] = {
    "is_archived": "it is archived. Unarchive it, or choose another channel.",
    "not_in_channel": f"dd0c is not a member of it. {_INVITE}",
    "channel_not_found": f"it is private and dd0c is not a member of it, or it is gone. {_INVITE}",
    "restricted_action": f"only some people may post there. {_ASK}",
    "restricted_action_read_only_channel": f"it can only be read. {_ASK}",
    "restricted_action_thread_only_channel": "only replies may be posted there. Choose another channel.",
    "restricted_action_non_threadable_channel": "cards cannot have replies there. Choose another channel.",
    "cannot_dm_bot": "it is the direct message with an app. Choose a channel.",
    "team_access_not_granted": "it is in a workspace where dd0c is not installed. Choose a channel of yours.",
    "missing_scope": "dd0c may not post messages. Let an admin install it again.",
}
TAKES_NONE = frozenset(_WHY) - {"missing_scope"}
# Of a person who left, or whom no app may write to.
TAKES_NONE_AS_PERSON = TAKES_NONE | {"user_disabled", "user_not_found", "user_not_visible", "messages_tab_disabled"}


def what_to_do(channel_id: str, error: Rejected | AccessDenied) -> str:
    """Say why a channel was not taken, and what to do about it."""
    why = _WHY.get(error.code, f"Slack says `{error.code or 'no'}`. Choose another channel, or try again later.")
    return f"<#{channel_id}> takes no message from dd0c: {why} Nothing was changed."

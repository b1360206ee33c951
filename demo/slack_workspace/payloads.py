"""The bodies Slack sends to an app, as pure functions of the workspace's state."""

from typing import Any

from demo.slack_workspace.inputs import entered
from demo.slack_workspace.models import Channel, Message, User, View
from demo.slack_workspace.state import WorkspaceState

VERIFICATION = "deprecated-verification-token"
Payload = dict[str, Any]
_OF_THE_WHOLE = ("app_uninstalled", "tokens_revoked", "team_access_granted")


def command_fields(state: WorkspaceState, user: User, channel: Channel, line: str) -> dict[str, str]:
    """Return the form fields of a slash command, without trigger_id and response_url."""
    command, _, text = line.strip().partition(" ")
    return {
        "token": VERIFICATION,
        "team_id": state.team_id,
        "team_domain": state.team_name,
        "channel_id": channel.channel_id,
        "channel_name": channel_name(channel),
        "user_id": user.user_id,
        "user_name": user.name,
        "command": command,
        "text": text.strip(),
        "api_app_id": state.app_id,
        "is_enterprise_install": str(bool(state.enterprise_id)).lower(),
        **({"enterprise_id": state.enterprise_id} if state.enterprise_id else {}),
    }


def channel_name(channel: Channel) -> str:
    """Return the name Slack gives apps for a conversation; private ones stay unnamed."""
    if channel.is_direct:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def interaction(state: WorkspaceState, kind: str, user: User) -> Payload:
    """Return what all interaction payloads have in common."""
    return {
        "type": kind,
        "user": {
            "id": user.user_id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        },
        "api_app_id": state.app_id,
        "token": VERIFICATION,
        "team": None if state.enterprise_id else {"id": state.team_id, "domain": state.team_name},
        "enterprise": {"id": state.enterprise_id, "name": state.team_name} if state.enterprise_id else None,
        "is_enterprise_install": bool(state.enterprise_id),
    }


def action(state: WorkspaceState, block_id: str, element: dict[str, Any], value: Any) -> Payload:
    """Return the one entry of `actions` that says what was clicked or chosen."""
    used: Payload = {"action_id": element["action_id"], "block_id": block_id, "action_ts": state.next_ts()}
    if element["type"] == "button":
        shown: Payload = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
        return {**used, "type": "button", **shown}
    if "placeholder" in element:
        used["placeholder"] = element["placeholder"]
    return {**used, **entered(element, value)}


def in_message(state: WorkspaceState, message: Message, channel: Channel) -> Payload:
    """Return the part of a block_actions payload that says where the message is."""
    place: Payload = {
        "container": {
            "type": "message",
            "message_ts": message.message_ts,
            "channel_id": channel.channel_id,
            "is_ephemeral": message.is_ephemeral,
        },
        "channel": {"id": channel.channel_id, "name": channel_name(channel)},
    }
    if message.thread_ts:
        place["container"]["thread_ts"] = message.thread_ts
    if not message.is_ephemeral:
        place["message"] = message.to_slack(state.team_id, with_metadata=True)
    return place


def in_view(view: View, values: dict[str, Any]) -> Payload:
    """Return the part of a payload that holds the view and what was filled in."""
    return {"container": {"type": "view", "view_id": view.view_id}, "view": view.to_slack(values)}


def event_envelope(state: WorkspaceState, event: dict[str, Any]) -> Payload:
    """Return the outer body of an Events API delivery. What concerns an organisation as a whole names no workspace."""
    is_org = bool(state.enterprise_id)
    authorization = {
        "enterprise_id": state.enterprise_id or None,
        "team_id": None if is_org else state.team_id,
        "user_id": state.bot.user_id,
        "is_bot": True,
        "is_enterprise_install": is_org,
    }
    team = {"team_id": state.team_id, "context_team_id": state.team_id}
    return {
        "token": VERIFICATION,
        **({} if is_org and event["type"] in _OF_THE_WHOLE else team),
        **({"enterprise_id": state.enterprise_id} if is_org else {}),
        "api_app_id": state.app_id,
        "event": {"event_ts": state.next_ts(), **event},
        "type": "event_callback",
        "event_id": state.next_id("Ev"),
        "event_time": int(state.clock()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }

"""Buttons on an anomaly's card."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import (
    ACKNOWLEDGE,
    MARK_EXPECTED,
    NOT_EXPECTED,
    UNDO,
    anomaly_id_of,
    verdict_line,
)
from engine.errors import InputError
from engine.models.delivery import SlackMessage
from engine.roles import Deed
from handlers.slack.context import Caller, Respond, SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated, reply
from handlers.slack.leftovers import require_connected
from handlers.slack.telling import teller
from services.verdicts import Answer

Decide = Callable[[SlackServices, Caller, str, Mapping[str, Any]], Awaitable[Answer]]


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to everything a card offers."""
    for action_id, decide in _DECISIONS.items():
        app.action(action_id)(_listener(services, decide, action_id))


def _listener(services: SlackServices, decide: Decide, action_id: str) -> Callable[..., Awaitable[None]]:
    async def handle_action(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        tell = teller(body, client, respond)
        await answered(_carry_out(services, decide, body, action, client, tell), tell, action_id)

    return handle_action


async def _carry_out(  # noqa: PLR0917 - what Bolt gives a listener, and what it is to do
    services: SlackServices,
    decide: Decide,
    body: Mapping[str, Any],
    action: Mapping[str, Any],
    client: AsyncWebClient,
    respond: Respond,
) -> None:
    """Record the verdict and repaint the card; who comes second is told who was first."""
    caller = await caller_of_action(body, services, Deed.ANSWER)
    anomaly_id = _anomaly_id(action)
    await require_connected(services, caller.tenant_id, anomaly_id, client, body)
    answer = await decide(services, caller, anomaly_id, action)
    if answer.changed:
        await services.homes.hasten(caller.tenant_id)
        await services.sender.deliver_one(caller.tenant_id, answer.anomaly.anomaly_id)
    clicked = clicked_card(body, action)
    if clicked is not None:
        await services.sender.repaint_copy(caller.tenant_id, answer.anomaly, clicked)
    if answer.changed:
        return
    said = verdict_line(answer.anomaly) or "nobody has said anything about it that could be taken back"
    await reply(respond, text=f"Nothing changed: {said}.")


def clicked_card(body: Mapping[str, Any], action: Mapping[str, Any]) -> SlackMessage | None:
    """The message that was clicked, where it is a card: nothing else has an anomaly's id in its block."""
    container = body.get("container") or {}
    channel_id, message_ts = container.get("channel_id"), container.get("message_ts")
    is_card = bool(anomaly_id_of(str(action.get("block_id", "")))) and not container.get("is_ephemeral")
    return SlackMessage(str(channel_id), str(message_ts)) if is_card and channel_id and message_ts else None


def chosen_entry(action: Mapping[str, Any]) -> tuple[str, str]:
    """Which entry of a card's menu was chosen, and what its value says besides."""
    name, _, rest = str((action.get("selected_option") or {}).get("value", "")).partition(" ")
    return name, rest.strip()


def _anomaly_id(action: Mapping[str, Any]) -> str:
    """Buttons carry the anomaly's id as value; a select's is in the id of its block."""
    anomaly_id = action.get("value") or anomaly_id_of(str(action.get("block_id", "")))
    if not anomaly_id:
        raise InputError("This card is of an older kind; use the newest one.")
    return str(anomaly_id)


async def handle_mark_expected(
    services: SlackServices, caller: Caller, anomaly_id: str, _action: Mapping[str, Any]
) -> Answer:
    """*Mark expected*."""
    return await services.verdicts.mark_expected(caller.tenant_id, anomaly_id, caller.user_id)


async def handle_not_expected(
    services: SlackServices, caller: Caller, anomaly_id: str, _action: Mapping[str, Any]
) -> Answer:
    """*Not expected*."""
    return await services.verdicts.not_expected(caller.tenant_id, anomaly_id, caller.user_id)


async def handle_acknowledge(
    services: SlackServices, caller: Caller, anomaly_id: str, _action: Mapping[str, Any]
) -> Answer:
    """*Acknowledge*."""
    return await services.verdicts.acknowledge(caller.tenant_id, anomaly_id, caller.user_id)


async def handle_undo(services: SlackServices, caller: Caller, anomaly_id: str, _action: Mapping[str, Any]) -> Answer:
    """*Undo* the last label."""
    return await services.verdicts.undo(caller.tenant_id, anomaly_id, caller.user_id)


_DECISIONS: Mapping[str, Decide] = {
    MARK_EXPECTED: handle_mark_expected,
    NOT_EXPECTED: handle_not_expected,
    ACKNOWLEDGE: handle_acknowledge,
    UNDO: handle_undo,
}
ACTIONS = tuple(_DECISIONS)

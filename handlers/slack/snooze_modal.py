"""*Snooze* on a card: a form says what that would have hidden lately, and its button snoozes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import SNOOZE, anomaly_id_of, verdict_line
from blocks.card import Block
from blocks.snooze_modal import CALLBACK, SnoozeForm, snooze_modal
from engine.errors import InputError
from engine.models.anomaly import Anomaly
from engine.models.delivery import SlackMessage
from engine.roles import Deed
from engine.verdicts import may_quiet
from handlers.slack.anomaly_actions import clicked_card
from handlers.slack.context import SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated
from handlers.slack.guard import teller as teller_of_form
from handlers.slack.leftovers import require_connected
from handlers.slack.opening import open_modal
from handlers.slack.telling import teller

SNOOZES: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
ACTIONS = (SNOOZE,)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the menu and to the form's button."""

    async def handle_choice(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        form = open_modal(client, body, _form(services, body, action, client), "Snooze")
        await answered(form, teller(body, client, respond), SNOOZE)

    async def handle_form(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        form = SnoozeForm.parse(str(view.get("private_metadata", "")))
        await answered(_record(services, body, form, client), teller_of_form(client, body, form.channel_id), CALLBACK)

    app.action(SNOOZE)(handle_choice)
    app.view(CALLBACK)(handle_form)


async def _form(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], client: AsyncWebClient
) -> Block:
    """Look up what a snooze would have hidden, and make the form, if there is anything left to snooze."""
    caller = await caller_of_action(body, services, Deed.ANSWER)
    chosen = str((action.get("selected_option") or {}).get("value", ""))
    _span(chosen)
    anomaly_id = anomaly_id_of(str(action.get("block_id", "")))
    if not anomaly_id:
        raise InputError("This card is of an older kind; use the newest one.")
    await require_connected(services, caller.tenant_id, anomaly_id, client, body)
    anomaly = await services.verdicts.find(caller.tenant_id, anomaly_id)
    clicked = clicked_card(body, action)
    if not may_quiet(anomaly):
        await _refuse(services, caller.tenant_id, anomaly, clicked)
    hidden = await services.findings.hidden_by_snooze(caller.tenant_id, anomaly)
    channel_id = str((body.get("channel") or {}).get("id", ""))
    form = SnoozeForm(channel_id, clicked.message_ts if clicked else "", chosen, anomaly_id)
    return snooze_modal(anomaly, hidden, form)


async def _record(services: SlackServices, body: Mapping[str, Any], form: SnoozeForm, client: AsyncWebClient) -> None:
    """Record the verdict and repaint the card; who comes second is told who was first."""
    caller = await caller_of_action(body, services, Deed.ANSWER)
    span = _span(form.chosen)
    await require_connected(services, caller.tenant_id, form.anomaly_id, client, body)
    answer = await services.verdicts.snooze(caller.tenant_id, form.anomaly_id, caller.user_id, span)
    clicked = SlackMessage(form.channel_id, form.message_ts) if form.channel_id and form.message_ts else None
    if not answer.changed:
        await _refuse(services, caller.tenant_id, answer.anomaly, clicked)
    await services.homes.hasten(caller.tenant_id)
    await services.sender.deliver_one(caller.tenant_id, form.anomaly_id)
    if clicked is not None:
        await services.sender.repaint_copy(caller.tenant_id, answer.anomaly, clicked)


async def _refuse(services: SlackServices, tenant_id: str, anomaly: Anomaly, clicked: SlackMessage | None) -> NoReturn:
    """Say who was first; a card that was posted twice shows that from now on."""
    if clicked is not None:
        await services.sender.repaint_copy(tenant_id, anomaly, clicked)
    raise InputError(f"Nothing changed: {verdict_line(anomaly) or 'it is over'}.")


def _span(chosen: str) -> timedelta:
    span = SNOOZES.get(chosen)
    if span is None:
        raise InputError("Choose one of the times that the Snooze menu offers.")
    return span

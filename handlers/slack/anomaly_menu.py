"""The menu at the end of a card's buttons: what few need on most days."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import (
    ASK,
    DETAILS,
    EXPECTED_OF_OTHERS,
    MORE,
    TICKET,
    UNDO_ASK,
    UNDO_TICKET,
    anomaly_id_of,
)
from engine.errors import InputError
from handlers.slack.anomaly_actions import chosen_entry
from handlers.slack.asking import ask, undo_question
from handlers.slack.context import Respond, SlackServices, who_clicked
from handlers.slack.details_modal import show_details
from handlers.slack.expected_modal import open_form
from handlers.slack.guard import answered, is_repeated, reply
from handlers.slack.leftovers import require_connected
from handlers.slack.telling import teller
from handlers.slack.tickets import make_ticket, undo_ticket

ACTIONS = (MORE,)

# An entry gives what is to be said to whoever chose it, where the card itself does not say enough.
_Entry = Callable[[SlackServices, Mapping[str, Any], Mapping[str, Any], AsyncWebClient], Awaitable[str | None]]
_ENTRIES: Mapping[str, _Entry] = {
    EXPECTED_OF_OTHERS: open_form,
    ASK: ask,
    UNDO_ASK: undo_question,
    TICKET: make_ticket,
    UNDO_TICKET: undo_ticket,
    DETAILS: show_details,
}


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the menu."""

    async def handle_more(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        tell = teller(body, client, respond)
        await answered(_carry_out(services, body, action, client, tell), tell, "an entry of a card's menu")

    app.action(MORE)(handle_more)


async def _carry_out(
    services: SlackServices,
    body: Mapping[str, Any],
    action: Mapping[str, Any],
    client: AsyncWebClient,
    respond: Respond,
) -> None:
    """An entry is named by the first word of its value."""
    entry = _ENTRIES.get(chosen_entry(action)[0])
    if entry is None:
        raise InputError("This card is of an older kind; use the newest one.")
    if entry is not show_details:  # They open at once, and look then.
        caller = await who_clicked(body, services)
        anomaly_id = anomaly_id_of(str(action.get("block_id", "")))
        await require_connected(services, caller.tenant_id, anomaly_id, client, body)
    said = await entry(services, body, action, client)
    if said:
        await reply(respond, text=said)

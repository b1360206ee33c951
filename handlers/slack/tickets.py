"""*Create ticket* in a card's menu, and connecting the system that holds tickets."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import anomaly_id_of
from blocks.form_modal import said_form
from blocks.text import escape
from blocks.ticket_settings import CALLBACK, CONNECT, DISCONNECT, FORM_TITLE, connect_modal, tickets
from engine.errors import InputError
from engine.models.ticket import TRACKER_NAMES, Tracker, TrackerKind
from engine.roles import Deed
from engine.tracker_forms import BASE_URL, LOGIN, PROJECT, TOKEN, read_tracker
from handlers.slack.anomaly_actions import chosen_entry
from handlers.slack.context import Respond, SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated, reply

_CONNECT = re.compile(rf"{re.escape(CONNECT)}(?::[a-z]+)?")
_PAINTED_SECONDS = 0.5  # Slack first paints what the form was answered with; what came sooner would be lost.
_FIELDS = (BASE_URL, PROJECT, LOGIN, TOKEN)
ACTIONS = (CONNECT, DISCONNECT)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the settings' buttons and the form."""

    async def handle_connect(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        await answered(_open(services, body, action, client), respond, "opening a form")

    async def handle_disconnect(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        await answered(_disconnect(services, body, respond), respond, "disconnecting a ticket system")

    async def handle_form(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient) -> None:
        tracker, errors = _read(view, local=services.tickets.local)
        if tracker is None:
            await ack(response_action="errors", errors=errors)
            return
        await ack(response_action="update", view=said_form("Trying it ...", FORM_TITLE))
        if await is_repeated(services, body):
            return
        say = _sayer(client, str(view.get("id", "")))
        await answered(_connect(services, body, tracker, say), say, "connecting a ticket system")

    app.action(_CONNECT)(handle_connect)
    app.action(DISCONNECT)(handle_disconnect)
    app.view(CALLBACK)(handle_form)


async def make_ticket(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], _client: AsyncWebClient
) -> None:
    """Make the incident's ticket; the card shows its key."""
    caller = await caller_of_action(body, services, Deed.ANSWER)
    anomaly_id = anomaly_id_of(str(action.get("block_id", "")))
    try:
        await services.tickets.make(caller.tenant_id, anomaly_id, caller.user_id)
    finally:
        await services.sender.deliver_one(caller.tenant_id, anomaly_id)


async def undo_ticket(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], _client: AsyncWebClient
) -> str:
    """Take the incident's ticket off its card; gives what became of it."""
    caller = await caller_of_action(body, services, Deed.ANSWER)
    anomaly_id = anomaly_id_of(str(action.get("block_id", "")))
    _, number = chosen_entry(action)
    if not number.isascii() or not number.isdecimal():
        raise InputError("This card is of an older kind; use the newest one.")
    said = await services.tickets.undo(caller.tenant_id, anomaly_id, caller.user_id, int(number))
    await services.sender.deliver_one(caller.tenant_id, anomaly_id)
    return escape(said)


async def _open(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], client: AsyncWebClient
) -> None:
    await caller_of_action(body, services, Deed.CHANGE_SETTINGS)
    kind = _kind(str(action.get("value", "")))
    try:
        await client.views_open(trigger_id=str(body.get("trigger_id", "")), view=connect_modal(kind))
    except SlackApiError as error:
        raise InputError("Slack did not open the form in time. Press the button once more.") from error


async def _disconnect(services: SlackServices, body: Mapping[str, Any], respond: Respond) -> None:
    caller = await caller_of_action(body, services, Deed.CHANGE_SETTINGS)
    await services.tickets.disconnect(caller.tenant_id, caller.user_id)
    card = tickets(None)
    await reply(respond, replace=True, text=card.text, blocks=card.blocks)


async def _connect(services: SlackServices, body: Mapping[str, Any], tracker: Tracker, say: Respond) -> None:
    caller = await caller_of_action(body, services, Deed.CHANGE_SETTINGS)
    await services.tickets.connect(caller.tenant_id, caller.user_id, tracker)
    name = TRACKER_NAMES[tracker.place.kind]
    await say(text=f"Connected: tickets go to {tracker.place.project} in {name} from now on.")


def _read(view: Mapping[str, Any], *, local: bool) -> tuple[Tracker | None, dict[str, str]]:
    """Read the form. Errors about fields that it does not have are told under the first one."""
    values = (view.get("state") or {}).get("values") or {}
    given = {name: str(((values.get(name) or {}).get(name) or {}).get("value") or "") for name in _FIELDS}
    tracker, errors = read_tracker(_kind(str(view.get("private_metadata", ""))), given, local=local)
    return tracker, {name if name in values else next(iter(values), name): said for name, said in errors.items()}


def _kind(value: str) -> TrackerKind:
    try:
        return TrackerKind(value)
    except ValueError:
        raise InputError("Say `/dd0c settings tickets` again: this button is of an older kind.") from None


def _sayer(client: AsyncWebClient, view_id: str) -> Respond:
    """What came of it stands in the form's place; the form itself is gone, and the token with it."""

    async def say(*, text: str, **_form: Any) -> Any:
        await asyncio.sleep(_PAINTED_SECONDS)
        return await client.views_update(view_id=view_id, view=said_form(text, FORM_TITLE))

    return say

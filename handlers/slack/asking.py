"""*Ask* in a card's menu, the form that chooses whom, and the two buttons of the question."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import anomaly_id_of
from blocks.asking import CALLBACK, CORRECT, MINE, NOT_MINE, PERSON, answered_card, person_modal
from blocks.card import Block
from engine.errors import InputError
from engine.models.asking import AskState
from engine.models.delivery import SlackMessage
from engine.roles import Deed
from handlers.slack.anomaly_actions import chosen_entry, clicked_card
from handlers.slack.context import Caller, Respond, SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated, reply, teller
from handlers.slack.leftovers import require_connected
from handlers.slack.opening import open_modal

_ANSWERS = {MINE: AskState.MINE, NOT_MINE: AskState.NOT_MINE}
ACTIONS = (*_ANSWERS, CORRECT)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the form and to the question's buttons."""

    async def handle_person(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        place, _ = _card_of(view)
        work = _send_form(services, body, client, view)
        await answered(work, teller(client, body, place.channel_id), "asking a person")

    async def handle_answer(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        await answered(_record(services, body, action, client, respond), respond, "taking an answer")

    app.view(CALLBACK)(handle_person)
    for action_id in ACTIONS:
        app.action(action_id)(handle_answer)


async def ask(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], client: AsyncWebClient
) -> None:
    """Ask the person whom the menu's entry named, or open the form that asks whom.

    In the App Home no message was clicked: what is told goes to where the card stands.
    """
    anomaly_id = anomaly_id_of(str(action.get("block_id", "")))
    caller = await caller_of_action(body, services, Deed.ANSWER)
    card = clicked_card(body, action) or await services.sender.find_card(caller.tenant_id, anomaly_id)
    if card is None:
        raise InputError("Nobody was asked: the card, in whose thread the answer is told, has not come yet. Ask then.")
    _, user_id = chosen_entry(action)
    if user_id:
        await _send(services, caller, anomaly_id, user_id, card)
        return

    async def form(card: SlackMessage) -> Block:
        await services.asking.require_open(caller.tenant_id, anomaly_id)
        return person_modal(anomaly_id, card.channel_id, card.message_ts)

    await open_modal(client, body, form(card), "Ask a person...")


async def undo_question(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], _client: AsyncWebClient
) -> None:
    """Take the question back that the menu's entry named; the card says so, and the question itself."""
    anomaly_id = anomaly_id_of(str(action.get("block_id", "")))
    caller = await caller_of_action(body, services, Deed.ANSWER)
    _, ask_id = chosen_entry(action)
    await services.asking.withdraw(caller.tenant_id, anomaly_id, ask_id, caller.user_id)
    await services.sender.deliver_one(caller.tenant_id, anomaly_id)


async def _send(services: SlackServices, caller: Caller, anomaly_id: str, user_id: str, card: SlackMessage) -> None:
    anomaly = await services.asking.ask(caller.tenant_id, anomaly_id, caller.user_id, user_id, card)
    await services.sender.deliver_one(caller.tenant_id, anomaly.anomaly_id)


async def _send_form(
    services: SlackServices, body: Mapping[str, Any], client: AsyncWebClient, view: Mapping[str, Any]
) -> None:
    place, anomaly_id = _card_of(view)
    caller = await caller_of_action(body, services, Deed.ANSWER)
    await require_connected(services, caller.tenant_id, anomaly_id, client, body)
    await _send(services, caller, anomaly_id, _chosen_person(view), place)


async def _record(
    services: SlackServices,
    body: Mapping[str, Any],
    action: Mapping[str, Any],
    client: AsyncWebClient,
    respond: Respond,
) -> None:
    """Record the answer or its undo, put thanks in the question's place, and show it on the card."""
    caller = await caller_of_action(body, services, Deed.LOOK)
    given = _ANSWERS.get(str(action.get("action_id", "")))
    anomaly_id, ask_id, other = [*str(action.get("value", "")).split(" "), "", ""][:3]
    answer = given or (AskState.MINE if other == AskState.MINE.value else AskState.NOT_MINE)
    await require_connected(services, caller.tenant_id, anomaly_id, client, body)
    record = services.asking.answer if given else services.asking.correct
    anomaly = await record(caller.tenant_id, anomaly_id, ask_id, caller.user_id, answer)
    thanks = answered_card(anomaly_id, ask_id, is_mine=answer is AskState.MINE)
    await reply(respond, replace=True, text=thanks.text, blocks=thanks.blocks)
    await services.sender.deliver_one(caller.tenant_id, anomaly.anomaly_id)


def _card_of(view: Mapping[str, Any]) -> tuple[SlackMessage, str]:
    """The card that the form was opened from, and the anomaly it is about."""
    channel_id, _, rest = str(view.get("private_metadata", "")).partition(" ")
    message_ts, _, anomaly_id = rest.partition(" ")
    return SlackMessage(channel_id, message_ts), anomaly_id


def _chosen_person(view: Mapping[str, Any]) -> str:
    values = (view.get("state") or {}).get("values") or {}
    return str(((values.get(PERSON) or {}).get(PERSON) or {}).get("selected_user") or "")

"""``/dd0c ...``"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from blocks.anomaly_list import anomaly_list
from blocks.card import Card
from blocks.connect import connect
from blocks.digest import digest
from blocks.disconnect import disconnect
from blocks.help import help_card, unknown_command
from blocks.settings import settings
from blocks.status import status
from handlers.slack.context import Caller, Respond, SlackServices, caller_of_command
from handlers.slack.guard import answered, reply

COMMAND = "/dd0c"

Answerer = Callable[[SlackServices, Caller, Sequence[str]], Awaitable[Card]]


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the slash command."""

    async def handle_command(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        await answered(_answer(services, command, respond), respond, "answering a command")

    app.command(COMMAND)(handle_command)


async def _answer(services: SlackServices, command: Mapping[str, Any], respond: Respond) -> None:
    words = str(command.get("text", "")).split()
    name, rest = (words[0].lower(), words[1:]) if words else ("help", [])
    answerer = _ANSWERERS.get(name)
    if answerer is None:
        card = unknown_command(name)
    else:
        card = await answerer(services, await caller_of_command(command, services.lookups), rest)
    await reply(respond, text=card.text, blocks=card.blocks)


async def _status(services: SlackServices, caller: Caller, _words: Sequence[str]) -> Card:
    return status(await services.reports.status(caller.tenant_id))


async def _anomalies(services: SlackServices, caller: Caller, _words: Sequence[str]) -> Card:
    return anomaly_list(await services.reports.anomalies(caller.tenant_id))


async def _digest(services: SlackServices, caller: Caller, _words: Sequence[str]) -> Card:
    return digest(await services.reports.digest(caller.tenant_id))


async def _connect(services: SlackServices, caller: Caller, words: Sequence[str]) -> Card:
    return connect(await services.onboarding.connect(caller.tenant_id, words))


async def _disconnect(services: SlackServices, caller: Caller, words: Sequence[str]) -> Card:
    return disconnect(await services.departures.disconnect(caller.tenant_id, caller.user_id, words))


async def _settings(services: SlackServices, caller: Caller, words: Sequence[str]) -> Card:
    return settings(await services.preferences.settings(caller.tenant_id, words))


async def _help(_services: SlackServices, _caller: Caller, _words: Sequence[str]) -> Card:
    return help_card()


_ANSWERERS: Mapping[str, Answerer] = {
    "status": _status,
    "anomalies": _anomalies,
    "digest": _digest,
    "settings": _settings,
    "connect": _connect,
    "disconnect": _disconnect,
    "help": _help,
}

"""Listens to ``/dd0c`` and to the buttons that stand for a line behind it."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.command_buttons import RUN_COMMAND
from handlers.slack.acknowledging import Acknowledgements
from handlers.slack.commands.dispatch import run_command
from handlers.slack.context import Respond, SlackServices, caller_of_command, who_clicked
from handlers.slack.guard import answered, is_repeated, reply_card
from handlers.slack.telling import teller_at_once
from handlers.slack.turns import Turns

COMMAND = "/dd0c"
ACTIONS = (RUN_COMMAND,)
_BUTTON = re.compile(rf"{re.escape(RUN_COMMAND)}(?::.*)?")
_DOING = "answering a command"


def register(app: AsyncApp, services: SlackServices, acknowledgements: Acknowledgements) -> None:
    """Listen to the slash command and to its buttons; what is answered lets ``acknowledgements`` pass."""

    turns = Turns(acknowledgements)

    async def handle_command(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        async with turns.taken():
            if await is_repeated(services, command):
                return
            await answered(_answer(services, command, respond), respond, _DOING)

    async def handle_run_command(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        tell = await teller_at_once(body, client, respond)
        async with turns.taken():
            await answered(_press(services, body, action, tell), tell, _DOING)

    app.command(COMMAND)(handle_command)
    app.action(_BUTTON)(handle_run_command)


async def _answer(services: SlackServices, command: Mapping[str, Any], respond: Respond) -> None:
    caller = await caller_of_command(command, services)
    answer = await run_command(services, caller, str(command.get("text", "")))
    await reply_card(respond, answer.card, shared=answer.shared)


async def _press(services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], respond: Respond) -> None:
    """Answer in the place of the answer that the button belongs to: paging makes no second list."""
    caller = await who_clicked(body, services)
    answer = await run_command(services, caller, str(action.get("value", "")))
    ephemeral = bool((body.get("container") or {}).get("is_ephemeral"))
    await reply_card(respond, answer.card, replace=ephemeral)

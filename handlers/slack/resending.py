"""*Try again* in the status: what was given up is sent once more."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.status_deliveries import RESEND
from blocks.text import count
from engine.roles import Deed
from handlers.slack.context import Respond, SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated, reply
from handlers.slack.telling import teller

ACTIONS = (RESEND,)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the button."""

    async def handle_resend(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        tell = teller(body, client, respond)
        await answered(_resend(services, body, tell), tell, "sending again")

    app.action(RESEND)(handle_resend)


async def _resend(services: SlackServices, body: Mapping[str, Any], respond: Respond) -> None:
    caller = await caller_of_action(body, services, Deed.RETRY)
    found = await services.resending.resend(caller.tenant_id)
    await services.homes.hasten(caller.tenant_id)
    done = f"{count(found, 'message')} will be tried again now; `/dd0c status` says what came of it."
    await reply(respond, text=done if found else "Nothing is given up any more.")

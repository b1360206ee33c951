"""The select in the welcome, and wherever else the alert channel can be chosen."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.welcome import CHOOSE_CHANNEL
from engine.roles import Deed
from handlers.slack.context import Respond, SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated, reply
from handlers.slack.telling import teller

ACTIONS = (CHOOSE_CHANNEL,)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the choice of a channel."""

    async def handle_choose_channel(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        tell = teller(body, client, respond)
        await answered(_choose(services, body, action, tell), tell, CHOOSE_CHANNEL)

    app.action(CHOOSE_CHANNEL)(handle_choose_channel)


async def _choose(services: SlackServices, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
    caller = await caller_of_action(body, services, Deed.CHANGE_SETTINGS)
    channel_id = str(action.get("selected_conversation") or "")
    await services.workspaces.choose_channel(caller.tenant_id, channel_id, caller.user_id)
    await services.resending.hasten(caller.tenant_id)
    await services.homes.hasten(caller.tenant_id)
    await reply(respond, text=f"Cards about expensive changes go to <#{channel_id}> from now on.")

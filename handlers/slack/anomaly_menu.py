"""The menu at the end of a card's buttons: each entry opens a modal."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import DETAILS, MORE
from handlers.slack.context import SlackServices
from handlers.slack.details_modal import show_details
from handlers.slack.expected_modal import open_form
from handlers.slack.guard import answered

ACTIONS = (MORE,)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the menu."""

    async def handle_more(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        opening = show_details if _chosen(action) == DETAILS else open_form
        await answered(opening(services, body, action, client), respond, "opening a modal")

    app.action(MORE)(handle_more)


def _chosen(action: Mapping[str, Any]) -> str:
    return str((action.get("selected_option") or {}).get("value", ""))

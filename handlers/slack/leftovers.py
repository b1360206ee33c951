"""Clicks on cards and questions whose AWS account was disconnected."""

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks.retired_card import RETIRED, retired_card
from engine.errors import InputError
from handlers.slack.context import SlackServices

_log = logging.getLogger(__name__)


async def require_connected(
    services: SlackServices, tenant_id: str, anomaly_id: str, client: AsyncWebClient, body: Mapping[str, Any]
) -> None:
    """Raise InputError where the account was disconnected, and take the buttons away from what was clicked."""
    if await services.leftovers.is_left(tenant_id, anomaly_id):
        await _retire(client, body)
        raise InputError(RETIRED)


async def _retire(client: AsyncWebClient, body: Mapping[str, Any]) -> None:
    """A form and the App Home have no message; what only one person sees goes by itself."""
    container, message = body.get("container") or {}, body.get("message") or {}
    channel_id, message_ts = container.get("channel_id"), container.get("message_ts")
    if not (channel_id and message_ts and message.get("blocks")) or container.get("is_ephemeral"):
        return
    left = retired_card(str(message.get("text") or ""), message["blocks"])
    try:
        await client.chat_update(channel=channel_id, ts=message_ts, text=left.text, blocks=left.blocks)
    except (SlackApiError, aiohttp.ClientError, OSError) as error:
        _log.info("an old card keeps its buttons: %s", type(error).__name__)

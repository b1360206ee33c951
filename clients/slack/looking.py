"""Finding a message of ours again by its metadata."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.errors import translated
from engine.errors import Rejected
from engine.models.delivery import SlackMessage

_PAGE = 200
_MOST_PAGES = 10


async def find_message(
    client: AsyncWebClient, channel_id: str, thread_ts: str, payload: dict[str, str], since: datetime
) -> SlackMessage | None:
    """Look for the message whose metadata has this payload, in a thread if one is named, among those since then.

    Raises Rejected when there are too many of them to look at all, AccessDenied without the scope for it.
    """
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await _fetch_page(client, channel_id, thread_ts, since, cursor)
        for message in page.get("messages") or []:
            if _payload(message) == payload:
                return SlackMessage(channel_id, str(message["ts"]))
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
    raise Rejected(f"{channel_id} has had too many messages to find one.", code="too_many_messages")


async def _fetch_page(
    client: AsyncWebClient, channel_id: str, thread_ts: str, since: datetime, cursor: str | None
) -> Any:
    bounds: dict[str, Any] = {
        "oldest": f"{since.timestamp():.6f}",
        "include_all_metadata": True,
        "limit": _PAGE,
        "cursor": cursor,
    }
    async with translated(f"Looking for a message in {channel_id}"):
        if thread_ts:
            return await client.conversations_replies(channel=channel_id, ts=thread_ts, **bounds)
        return await client.conversations_history(channel=channel_id, **bounds)


def _payload(message: dict[str, Any]) -> object:
    return (message.get("metadata") or {}).get("event_payload")

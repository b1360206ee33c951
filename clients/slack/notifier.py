"""Cards to Slack and back: post, update, and find again."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_card import anomaly_card
from blocks.card import Card
from clients.slack.errors import translated
from clients.slack.spacing import ChannelSpacing
from engine.errors import Rejected
from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly
from engine.models.delivery import SlackMessage

METADATA_TYPE = "dd0c_anomaly"
_PAGE = 200
_MOST_PAGES = 10

ClientFor = Callable[[str], Awaitable[AsyncWebClient]]


class SlackNotifier:
    """Posts with message metadata, so that a card can be found in its channel after a crash."""

    def __init__(self, client_for: ClientFor, spacing: ChannelSpacing, clock: Callable[[], datetime]) -> None:
        self._client_for = client_for
        self._spacing = spacing
        self._clock = clock

    async def post_card(
        self, tenant_id: str, channel_id: str, anomaly: Anomaly, account: AwsAccount, *, may_repeat: bool
    ) -> SlackMessage:
        """Post a new card; Unavailable leaves it open whether it arrived."""
        client = await self._client_for(tenant_id)
        card = self._render(anomaly, account, may_repeat)
        async with self._spacing.turn(tenant_id, channel_id), translated(f"Posting a card to {channel_id}"):
            answer = await client.chat_postMessage(
                channel=channel_id,
                text=card.text,
                blocks=card.blocks,
                metadata={"event_type": METADATA_TYPE, "event_payload": {"anomaly_id": anomaly.anomaly_id}},
                unfurl_links=False,
                unfurl_media=False,
            )
        return SlackMessage(str(answer["channel"]), str(answer["ts"]))

    async def update_card(
        self, tenant_id: str, message: SlackMessage, anomaly: Anomaly, account: AwsAccount, *, may_repeat: bool
    ) -> None:
        """Repaint a posted card; repeating it does no harm."""
        client = await self._client_for(tenant_id)
        card = self._render(anomaly, account, may_repeat)
        async with translated(f"Updating a card in {message.channel_id}"):
            await client.chat_update(
                channel=message.channel_id, ts=message.message_ts, text=card.text, blocks=card.blocks
            )

    async def find_card(self, tenant_id: str, channel_id: str, anomaly_id: str, since: datetime) -> SlackMessage | None:
        """Look for the card by its metadata among the channel's messages since then.

        Raises Rejected when there are too many of them to look at all.
        """
        client = await self._client_for(tenant_id)
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            async with translated(f"Looking for a card in {channel_id}"):
                page = await client.conversations_history(
                    channel=channel_id,
                    oldest=f"{since.timestamp():.6f}",
                    include_all_metadata=True,
                    limit=_PAGE,
                    cursor=cursor,
                )
            for message in page.get("messages") or []:
                if _anomaly_id(message) == anomaly_id:
                    return SlackMessage(channel_id, str(message["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        raise Rejected(f"{channel_id} has had too many messages to find a card.", code="too_many_messages")

    def _render(self, anomaly: Anomaly, account: AwsAccount, may_repeat: bool) -> Card:
        return anomaly_card(anomaly, account_name=account.name, now=self._clock(), may_repeat=may_repeat)


def _anomaly_id(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("anomaly_id", "")) if metadata else ""

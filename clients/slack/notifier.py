"""Cards to Slack and back: post, update, and find again."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_card import anomaly_card
from blocks.card import Card
from clients.slack.errors import translated
from clients.slack.looking import find_message
from clients.slack.spacing import ChannelSpacing
from engine.asking import email_of
from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly
from engine.models.delivery import SlackMessage
from engine.models.person import Person

METADATA_TYPE = "dd0c_anomaly"

ClientFor = Callable[[str], Awaitable[AsyncWebClient]]
FindPerson = Callable[[str, str], Awaitable[Person | None]]


class SlackNotifier:
    """Posts with message metadata, so that a card can be found in its channel after a crash."""

    def __init__(
        self,
        client_for: ClientFor,
        spacing: ChannelSpacing,
        clock: Callable[[], datetime],
        find_person: FindPerson | None = None,
    ) -> None:
        """``find_person`` tells who in Slack has an e-mail address; without it, cards know people by AWS's names."""
        self._client_for = client_for
        self._spacing = spacing
        self._clock = clock
        self._find_person = find_person

    async def post_card(
        self, tenant_id: str, channel_id: str, anomaly: Anomaly, account: AwsAccount, *, may_repeat: bool
    ) -> SlackMessage:
        """Post a new card; Unavailable leaves it open whether it arrived."""
        client = await self._client_for(tenant_id)
        card = await self._render(tenant_id, anomaly, account, may_repeat, is_new=True)
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
        card = await self._render(tenant_id, anomaly, account, may_repeat, is_new=False)
        async with translated(f"Updating a card in {message.channel_id}"):
            await client.chat_update(
                channel=message.channel_id, ts=message.message_ts, text=card.text, blocks=card.blocks
            )

    async def delete_card(self, tenant_id: str, message: SlackMessage) -> None:
        """Take a card away that stands in the channel twice."""
        client = await self._client_for(tenant_id)
        async with translated(f"Deleting a card in {message.channel_id}"):
            await client.chat_delete(channel=message.channel_id, ts=message.message_ts)

    async def find_card(self, tenant_id: str, channel_id: str, anomaly_id: str, since: datetime) -> SlackMessage | None:
        """Look for the card by its metadata among the channel's messages since then.

        Raises Rejected when there are too many of them to look at all.
        """
        client = await self._client_for(tenant_id)
        return await find_message(client, channel_id, "", {"anomaly_id": anomaly_id}, since)

    async def _render(
        self, tenant_id: str, anomaly: Anomaly, account: AwsAccount, may_repeat: bool, *, is_new: bool
    ) -> Card:
        email = email_of(anomaly.actor)
        person = await self._find_person(tenant_id, email) if email and self._find_person else None
        return anomaly_card(
            anomaly,
            account_name=account.name,
            now=self._clock(),
            may_repeat=may_repeat,
            person=person,
            is_new=is_new,
        )

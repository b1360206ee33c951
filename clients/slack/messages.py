"""What is said about the installation itself."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from blocks.card import Card
from blocks.webhook import dead_webhook
from blocks.welcome import first_line, invitation, lost_channel, taken_over, welcome
from clients.slack.errors import translated
from engine.errors import Rejected
from engine.models.account import Tenant
from engine.models.routing import RouteRow
from engine.routing import people_of

ClientFor = Callable[[str], Awaitable[AsyncWebClient]]


class SlackMessages:
    """Posts to people and channels; to Slack, a person's id is the direct message with them."""

    def __init__(self, client_for: ClientFor) -> None:
        self._client_for = client_for

    async def welcome(self, tenant: Tenant) -> None:
        """Greet who installed the app, in a direct message that leads on."""
        await self._post(tenant.tenant_id, tenant.installer_user_id, welcome(tenant.alert_channel_id))

    async def tell_takeover(self, tenant: Tenant, former: str) -> None:
        """Tell who had installed the app for a workspace that its organisation has installed it as a whole."""
        await self._post(tenant.tenant_id, former, taken_over(tenant.installer_user_id))

    async def try_channel(self, tenant_id: str, channel_id: str, user_id: str, row: RouteRow | None = None) -> None:
        """Say in a channel that cards, or those of a route, will come there, because of this user.

        Rejected or AccessDenied when it takes no message.
        """
        await self._post(tenant_id, channel_id, first_line(user_id, row))

    async def ask_for_invitation(self, tenant_id: str, webhook_url: str) -> None:
        """Say in the channel that was picked at installation that the bot must be invited there.

        Only the webhook may write there already; cards cannot, because what a webhook wrote can never be updated.
        """
        card = invitation()
        webhook = AsyncWebhookClient(webhook_url, session=(await self._client_for(tenant_id)).session)
        async with translated("Posting to the channel that was picked"):
            answer = await webhook.send(text=card.text, blocks=card.blocks)
        if answer.status_code != HTTPStatus.OK:
            raise Rejected(f"The webhook of the channel that was picked says {answer.status_code}.", code=answer.body)

    async def tell_lost_channel(self, tenant: Tenant, user_id: str, channel_id: str, reason: str, instead: str) -> None:
        """Tell this person that a channel takes no cards; ``reason`` is Slack's own word."""
        to_channel = "" if instead in people_of(tenant) else instead
        routed = channel_id != tenant.alert_channel_id
        card = lost_channel(channel_id, reason, instead=to_channel, is_routed=routed)
        await self._post(tenant.tenant_id, user_id, card)

    async def tell_dead_webhook(self, tenant: Tenant, url: str, reason: str) -> None:
        """Tell who installed the app that this address is told nothing any more, and why."""
        if recipient := next(iter(people_of(tenant)), tenant.alert_channel_id):
            await self._post(tenant.tenant_id, recipient, dead_webhook(url, reason))

    async def _post(self, tenant_id: str, channel_id: str, card: Card) -> None:
        client = await self._client_for(tenant_id)
        async with translated(f"Posting to {channel_id}"):
            await client.chat_postMessage(channel=channel_id, text=card.text, blocks=card.blocks)

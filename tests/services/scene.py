"""A world whose alerts go to a simulated Slack, and what people see there."""

import json
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.messages import SlackMessages
from clients.slack.notifier import SlackNotifier
from clients.slack.people import SlackPeople
from clients.slack.poster import SlackPoster
from clients.slack.spacing import ChannelSpacing
from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.models import Channel, Message
from engine.models.account import Tenant
from engine.models.anomaly import Anomaly
from engine.models.delivery import Delivery
from engine.models.post import Question
from services.alert_budget import AlertBudget, HeldCards
from services.alert_channels import AlertChannels
from services.delivery import Sender
from services.growth import Growth
from services.posting import PostSender
from tests.fixtures.free_turns import FreeTurns
from tests.services.world import SECOND, TENANT, World, stranger


class Scene:
    """A world whose alerts go to one channel of a simulated workspace, and people who look at it."""

    def __init__(self, world: World, slack: SlackWorkspace) -> None:
        self.world = world
        self.slack = slack
        self.channel: Channel = slack.add_channel("costs")
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        self.people = SlackPeople(self._client_for, world.store.tenants.find_tenant, lambda: world.turned.now)
        self.sender = self.new_sender()

    async def _client_for(self, _tenant_id: str) -> AsyncWebClient:
        return self.client

    async def _nobody_waits(self, _tenant_id: str, asked: Question) -> None:
        """Questions have tests of their own; here somebody would have to be asked first."""
        raise AssertionError(asked)

    def new_post_sender(self, poster: Any = None, *, by_mail: bool = False) -> PostSender:
        channels = AlertChannels(
            self.world.store.tenants, SlackMessages(self._client_for), self.world.policies, self.people
        )
        poster = poster or SlackPoster(self._client_for, ChannelSpacing(FreeTurns()))
        store = self.world.store
        held_cards = HeldCards(store.tenants, store.outbox, store.search, store.accounts)
        return PostSender(
            posts=store.posts,
            poster=poster,
            channels=channels,
            held_cards=held_cards,
            tell_unreached=self._nobody_waits,
            clock=self.world.clock,
            by_mail=by_mail,
        )

    def new_sender(self, outbox: Any = None, spacing: ChannelSpacing | None = None) -> Sender:
        async def client_for(_tenant_id: str) -> AsyncWebClient:
            return self.client

        async def at_once(_seconds: float) -> None:
            """The pauses of Slack's own limit are tested with the limit."""

        store = self.world.store
        return Sender(
            outbox=outbox or store.outbox,
            anomalies=store.anomalies,
            accounts=store.accounts,
            channels=AlertChannels(store.tenants, SlackMessages(client_for), self.world.policies, self.people),
            notifier=SlackNotifier(client_for, spacing or ChannelSpacing(FreeTurns(), at_once), self.world.clock),
            clock=self.world.clock,
            growth=Growth(store.posts, self.world.clock),
            budget=AlertBudget(store.tenants, store.budgets, self.world.clock),
        )

    async def use_channel(self, channel_id: str, installer_user_id: str = "") -> None:
        tenant = Tenant(
            tenant_id=TENANT,
            team_id="T1",
            team_name="acme",
            alert_channel_id=channel_id,
            installer_user_id=installer_user_id,
        )
        await self.world.store.tenants.save_tenant(tenant)

    async def alert(self, number: int = 0) -> Anomaly:
        await self.world.ingest(self.world.launch(actor=stranger(number)))
        return (await self.world.anomalies())[0]

    def cards(self) -> list[Message]:
        return self.slack.messages(self.channel.channel_id)

    async def delivery(self, anomaly: Anomaly) -> Delivery:
        found = await self.world.store.outbox.find_delivery(TENANT, anomaly.anomaly_id)
        assert found
        return found

    async def later(self, seconds: float = 3600.0) -> int:
        """Deliver again after a while."""
        self.world.turn(seconds * SECOND)
        return await self.sender.deliver_due()


def words(message: Message) -> str:
    return json.dumps(message.blocks)

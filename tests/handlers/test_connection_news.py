"""The one message that follows a new account until it is watched."""

from datetime import timedelta

import msgspec
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.messages import SlackMessages
from clients.slack.poster import SlackPoster
from clients.slack.spacing import ChannelSpacing
from demo.aws_account import AwsAccount, AwsSimulator
from demo.stage import text_of
from engine.models.account import AccountStatus
from services.alert_budget import HeldCards
from services.alert_channels import AlertChannels
from services.connection_news import ConnectionTeller
from services.first_looks import FirstLooks
from services.posting import PostSender
from tests.demo.aws_world import Records
from tests.fixtures.free_turns import FreeTurns
from tests.handlers.conftest import NEW_ACCOUNT, Office
from tests.services.world import TENANT
from tests.store.changing import change_account


async def at_once(_seconds: float) -> None:
    """Slack's own limit is off here."""


class News:
    """What the jobs do, one turn at a time."""

    def __init__(self, office: Office, aws: AwsSimulator) -> None:
        self.office = office
        self.aws = aws
        store = office.world.store

        async def client_for(_tenant_id: str) -> AsyncWebClient:
            return office.client

        poster = SlackPoster(client_for, ChannelSpacing(FreeTurns(), at_once))
        channels = AlertChannels(store.tenants, SlackMessages(client_for))
        held_cards = HeldCards(store.tenants, store.outbox, store.search, store.accounts)
        self.sender = PostSender(
            posts=store.posts,
            poster=poster,
            channels=channels,
            held_cards=held_cards,
            tell_unreached=office.asking.tell_unreached,
            clock=office.world.clock,
        )
        self.teller = ConnectionTeller(
            tenants=store.tenants,
            lookups=store.system,
            accounts=store.accounts,
            posts=store.posts,
            clock=office.world.clock,
        )

    async def turn(self) -> list[str]:
        await self.teller.follow()
        await self.sender.deliver_due()
        return [message.text for message in self.office.slack.messages(self.office.channel)]

    async def connect(self, customer: AwsAccount) -> None:
        await self.office.type(f"/dd0c connect {NEW_ACCOUNT}")
        assert "Connected" in (await self.office.type(f"/dd0c connect {customer.role_arn}"))["text"]


@pytest.fixture
def news(office: Office, aws: AwsSimulator) -> News:
    return News(office, aws)


READING = "acme-lab (444455556666) is connected. Its last 90 days are being read: {} of 2 Regions."


async def test_it_tells_how_far_the_history_is_and_then_what_is_watched(news: News, customer: AwsAccount) -> None:
    world = news.office.world
    customer.record(Records(NEW_ACCOUNT).at(world.turned.now - 180))
    await news.connect(customer)
    assert await news.turn() == [READING.format(0)]
    await change_account(world.store, TENANT, NEW_ACCOUNT, regions_learned=1)
    assert await news.turn() == [READING.format(1)]
    history = world.history(news.aws)
    await history.read(TENANT, NEW_ACCOUNT)
    assert await news.turn() == ["Watching 2 Regions of acme-lab (444455556666), last record 3 min ago."]
    world.turn(timedelta(hours=1))
    assert await news.turn() == ["Watching 2 Regions of acme-lab (444455556666), last record 3 min ago."]


async def test_it_is_told_once_whoever_begins(news: News, customer: AwsAccount) -> None:
    await news.connect(customer)
    await news.connect(customer)
    for _ in range(3):
        assert await news.turn() == [READING.format(0)]


async def test_a_crash_before_it_was_begun_loses_nothing(news: News) -> None:
    world = news.office.world
    opened = msgspec.structs.replace(
        await world.account(), account_id=NEW_ACCOUNT, name="acme-lab", status=AccountStatus.LEARNING
    )
    await world.store.accounts.insert_account(TENANT, opened)
    assert await news.turn() == [READING.format(0)]


async def test_an_account_that_is_disconnected_meanwhile(news: News, customer: AwsAccount) -> None:
    store = news.office.world.store
    await news.connect(customer)
    await news.turn()
    await change_account(store, TENANT, NEW_ACCOUNT, status=AccountStatus.DISCONNECTING)
    assert await news.turn() == ["acme-lab (444455556666) is not watched: it was disconnected."]


async def test_a_message_that_somebody_deleted_is_let_go(news: News, customer: AwsAccount) -> None:
    office = news.office
    await news.connect(customer)
    await news.turn()
    [message] = office.slack.messages(office.channel)
    await office.client.chat_delete(channel=office.channel, ts=message.message_ts)
    await office.world.history(news.aws).read(TENANT, NEW_ACCOUNT)
    assert await news.turn() == []
    assert await office.world.store.system.find_unfinished_news(10) == []


async def test_a_repaint_that_slack_refuses_waits_as_long_as_slack_says_and_is_told_by_status(
    news: News, customer: AwsAccount
) -> None:
    office, world = news.office, news.office.world
    await news.connect(customer)
    await news.turn()
    await change_account(world.store, TENANT, NEW_ACCOUNT, regions_learned=1)
    office.slack.fail_next("chat.update", retry_after=30)
    for _ in range(3):
        assert await news.turn() == [READING.format(0)]
        status = text_of(await office.type("/dd0c status"))
        assert "News of a new account waits for another try after 1 try" in status
        assert "ratelimited" in status
    assert len(office.slack.calls_to("chat.update")) == 1
    world.turn(timedelta(seconds=31))
    assert await news.turn() == [READING.format(1)]
    assert "What did not get through" not in text_of(await office.type("/dd0c status"))


class Looks:
    """Notes which accounts' bills and resources are looked at."""

    def __init__(self) -> None:
        self.bills: list[str] = []
        self.zombies: list[str] = []

    async def read(self, _tenant_id: str, account_id: str) -> None:
        self.bills.append(account_id)

    async def scan_if_due(self, _tenant_id: str, account_id: str) -> bool:
        self.zombies.append(account_id)
        return True


async def test_an_account_is_looked_at_with_the_next_turn_however_long_ago_its_setup_began(
    news: News, customer: AwsAccount
) -> None:
    world, looks = news.office.world, Looks()
    first = FirstLooks(world.store.system, looks, looks, world.clock)
    await news.office.type(f"/dd0c connect {NEW_ACCOUNT}")
    world.turn(timedelta(days=2))
    assert "Connected" in (await news.office.type(f"/dd0c connect {customer.role_arn}"))["text"]
    assert await first.look() == 0  # Its history is being read still.
    await world.history(news.aws).read(TENANT, NEW_ACCOUNT)
    assert await first.look() == 1
    assert (looks.bills, looks.zombies) == ([NEW_ACCOUNT], [NEW_ACCOUNT])
    world.turn(timedelta(hours=2))
    assert await first.look() == 0

"""The bot's Slack side over HTTP, between a simulated workspace and a world in memory."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from clients.aws.role_looks import RoleLooks
from clients.cipher import Cipher
from clients.slack.authorize import OneToken
from clients.slack.homes import SlackHomes
from clients.slack.members import SlackMembers
from clients.slack.messages import SlackMessages
from clients.slack.notifier import SlackNotifier
from clients.slack.people import SlackPeople
from clients.slack.poster import SlackPoster
from clients.slack.spacing import ChannelSpacing
from clients.telemetry.numbers import PrometheusMeter
from clients.tickets.systems import TicketSystems
from demo.aws_account import AwsAccount, AwsSimulator
from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.models import Message, User
from engine.errors import UpstreamError
from engine.models.account import Tenant
from engine.models.anomaly import Anomaly
from handlers.slack.app import build_slack_app
from handlers.slack.context import SlackServices
from handlers.slack.listeners import Listeners
from handlers.web import health, slack_routes
from services.alert_budget import AlertBudget, HeldCards
from services.alert_channels import AlertChannels
from services.asking import Asking
from services.connection_news import ConnectionTeller
from services.delivery import Sender
from services.digest_settings import DigestSettings
from services.growth import Growth
from services.home_report import HomeReports
from services.homes import Homes
from services.leaving import Departures
from services.leftovers import Leftovers
from services.modes import Modes
from services.onboarding import Onboarding
from services.pausing import Pausing
from services.plans import Plans
from services.posting import PostSender
from services.preferences import Preferences
from services.repeats import Repeats
from services.resending import Resending
from services.role_checking import RoleChecking
from services.roles import Roles
from services.routing import Routing
from services.spend_tags import TagSpend
from services.teams import Teams
from services.tickets import Tickets
from services.workspaces import Workspaces
from services.zombie_settings import ZombieSettings
from store.connect import Store
from tests.fixtures.free_turns import FreeTurns
from tests.fixtures.memory import memory_database
from tests.fixtures.tag_source import TwoTeams
from tests.handlers.installing import Lobby, lobby
from tests.services.world import EXTERNAL_ID, REGIONS, TENANT, World, furnished
from tests.store.conftest import RETENTION_DAYS

EVER = timedelta(days=9999)  # The world's time is long ago, and the database forgets by the real one.
PATIENCE_SECONDS = 20.0
NEW_ACCOUNT = "444455556666"
TEMPLATE_URL = "https://templates.s3.amazonaws.com/v1/dd0c-cost-readonly.yaml"


async def _at_once(_seconds: float) -> None:
    """Slack's own limit is off here."""


class Office:
    """A workspace with two people and a channel, and the bot that serves it at ``url``."""

    def __init__(self, world: World, slack: SlackWorkspace, aws: AwsSimulator) -> None:
        self.world = world
        self.slack = slack
        self.ann: User = slack.add_user("ann")
        self.bob: User = slack.add_user("bob")
        self.channel = slack.add_channel("costs").channel_id
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        self.people = SlackPeople(self._client_for, world.store.tenants.find_tenant, lambda: world.turned.now)
        self.sender = self._sender()
        self.messages = SlackMessages(self._client_for)
        self.members = SlackMembers(self._client_for)
        self.pausing = Pausing(
            tenants=world.store.tenants,
            accounts=world.store.accounts,
            pauses=world.store.pauses,
            search=world.store.search,
            clock=world.clock,
        )
        self.roles = Roles(world.store.tenants, self.members, world.clock)
        self.homes = self._homes()
        self.workspaces = Workspaces(
            tenants=world.store.tenants,
            lookups=world.store.system,
            tokens=None,
            messages=self.messages,
            members=self.members,
            new_id=lambda: "new-tenant",
            clock=world.clock,
        )
        self.plans = Plans(
            gateway=None,
            rows=world.store.billing_rows,
            tenants=world.store.tenants,
            accounts=world.store.accounts,
            upgrade_url="https://costs.example/billing/checkout",
        )
        self.onboarding = Onboarding(
            accounts=world.store.accounts,
            lookups=world.store.system,
            checking=RoleChecking(
                roles=RoleLooks(world.roles(aws)), clock=world.clock, new_id=lambda: "guess", principal_arn=""
            ),
            queue=world.queue,
            clock=world.clock,
            new_id=lambda: EXTERNAL_ID,
            teller=ConnectionTeller(
                tenants=world.store.tenants,
                lookups=world.store.system,
                accounts=world.store.accounts,
                posts=world.store.posts,
                clock=world.clock,
            ),
            template_url=TEMPLATE_URL,
            limit_of=self.plans.limit,
        )
        self.departures = Departures(
            accounts=world.store.accounts,
            tenants=world.store.tenants,
            leaving=world.store.leaving,
            lookups=world.store.system,
            queue=world.queue,
            clock=world.clock,
        )
        numbers = itertools.count(1)
        self.asking = Asking(
            anomalies=world.store.anomalies,
            amendments=world.store.amendments,
            accounts=world.store.accounts,
            people=self.people,
            posts=world.store.posts,
            clock=world.clock,
            new_id=lambda: f"ask-{next(numbers)}",
        )
        self.tickets = Tickets(
            anomalies=world.store.anomalies,
            amendments=world.store.amendments,
            accounts=world.store.accounts,
            trackers=world.store.trackers(Cipher({"v1": bytes(32)}, os.urandom)),
            systems=TicketSystems(local=True),
            clock=world.clock,
            local=True,
        )
        self.ping: Callable[[], Awaitable[None]] = world.store.ping
        self.url = ""
        self.listeners = Listeners()
        self.numbers = PrometheusMeter()
        self.teams = TwoTeams()

    async def _client_for(self, _tenant_id: str) -> AsyncWebClient:
        return self.client

    def _homes(self) -> Homes:
        store, publisher = self.world.store, SlackHomes(self._client_for, FreeTurns())
        reports = HomeReports(
            tenants=store.tenants,
            accounts=store.accounts,
            search=store.search,
            outbox=store.outbox,
            reports=self.world.reports,
            quieting=self.world.quieting,
            zombies=self.world.zombies,
            publisher=publisher,
            clock=self.world.clock,
        )
        return Homes(
            rows=store.homes, reports=reports, publisher=publisher, roles=self.roles, clock=self.world.clock, keep=EVER
        )

    def _sender(self) -> Sender:
        store = self.world.store
        return Sender(
            outbox=store.outbox,
            anomalies=store.anomalies,
            accounts=store.accounts,
            channels=AlertChannels(store.tenants, SlackMessages(self._client_for)),
            notifier=SlackNotifier(
                self._client_for, ChannelSpacing(FreeTurns(), _at_once), self.world.clock, self.people.find_by_email
            ),
            clock=self.world.clock,
            growth=Growth(store.posts, self.world.clock),
            budget=AlertBudget(store.tenants, store.budgets, self.world.clock),
        )

    async def post_due(self) -> None:
        """Send what is posted once."""
        poster = SlackPoster(self._client_for, ChannelSpacing(FreeTurns(), _at_once))
        channels = AlertChannels(self.world.store.tenants, self.messages)
        store = self.world.store
        held_cards = HeldCards(store.tenants, store.outbox, store.search, store.accounts)
        posts = PostSender(
            posts=store.posts,
            poster=poster,
            channels=channels,
            held_cards=held_cards,
            tell_unreached=self.asking.tell_unreached,
            clock=self.world.clock,
        )
        await posts.deliver_due()

    def bolt(self) -> AsyncApp:
        services = SlackServices(
            teams=Teams(self.world.store.system),
            repeats=Repeats(self.world.store.seen, lambda: datetime.now(UTC)),
            members=self.members,
            routing=Routing(
                tenants=self.world.store.tenants,
                accounts=self.world.store.accounts,
                messages=self.messages,
                workspaces=self.workspaces,
                clock=self.world.clock,
            ),
            roles=self.roles,
            reports=self.world.reports,
            homes=self.homes,
            findings=self.world.findings,
            digests=self.world.digests,
            spend=self.world.spend,
            spend_budgets=self.world.spend_budgets,
            verdicts=self.world.verdicts,
            leftovers=Leftovers(self.world.store.anomalies, self.world.store.accounts, self.world.store.leaving),
            asking=self.asking,
            tickets=self.tickets,
            onboarding=self.onboarding,
            departures=self.departures,
            preferences=Preferences(
                self.world.store.accounts,
                self.world.clock,
                Modes(self.world.store.tenants, self.world.store.accounts, self.world.clock, self.world.policies),
            ),
            digest_settings=DigestSettings(self.world.store.tenants, self.world.clock),
            quieting=self.world.quieting,
            pausing=self.pausing,
            sender=self.sender,
            resending=Resending(self.world.store.outbox, self.world.store.posts, self.world.clock),
            workspaces=self.workspaces,
            plans=self.plans,
            zombies=self.world.zombies,
            spend_tags=TagSpend(
                self.world.store.accounts,
                self.teams,
                self.world.store.bills,
                self.world.store.spend_tags,
                self.world.clock,
            ),
            zombie_settings=ZombieSettings(self.world.store.tenants, self.world.clock),
            clock=self.world.clock,
        )
        app = build_slack_app(
            signing_secret=self.slack.signing_secret,
            client=AsyncWebClient(base_url=self.slack.api_url),
            authorize=OneToken(self.slack.bot_token),
            services=services,
            meter=self.numbers,
        )
        self.listeners = app.listeners
        return app

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 20)
        slack_routes.register(app, self.bolt(), self.slack.signing_secret)
        health.register(app, self._ping)
        return app

    async def _ping(self) -> None:
        await self.ping()

    async def type(self, line: str) -> dict[str, Any]:
        """Let Ann type a command; gives the answer."""
        interaction = await self.slack.run_command(self.ann.user_id, self.channel, line)
        assert interaction.ack.status == 200
        [answer] = await interaction.wait_for_posts()
        await self.listeners.finish(PATIENCE_SECONDS)
        return answer

    async def alert(self, count: int = 6) -> Anomaly:
        """Let a launch be told; its card is in the channel."""
        await self.world.ingest(self.world.launch(count))
        await self.sender.deliver_due()
        return (await self.world.anomalies())[0]

    def card(self) -> Message:
        return self.slack.messages(self.channel)[-1]

    async def click(self, user: User, action: str) -> Any:
        card = self.card()
        return await self.slack.click(user.user_id, self.channel, card.message_ts, f"anomaly.{action}")

    async def snooze(self, user: User, span: str) -> None:
        """Choose a span on the newest card, and press the button of the form that asks."""
        await self.slack.select(user.user_id, self.channel, self.card().message_ts, "anomaly.snooze", span)
        await self.until(lambda: self.slack.modal(user.user_id) is not None)
        form = self.slack.modal(user.user_id)
        assert form is not None
        await self.slack.submit_view(user.user_id, form.view_id)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something in the workspace is so, and saved: a listener notes what it did after Slack's answer."""
        await self.shown(holds)
        await self.listeners.finish(PATIENCE_SECONDS)

    async def shown(self, holds: Callable[[], bool]) -> None:
        """Wait until the workspace shows something, whatever is still at work.

        A call that Slack refuses changes nothing there: look again.
        """
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self.slack.wait_for_change(self.slack.state.revision)


@pytest.fixture
async def world() -> World:
    return await furnished(Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS))


@pytest.fixture
async def aws(world: World) -> AsyncIterator[AwsSimulator]:
    simulator = AwsSimulator(clock=world.turned, lookup_rate=None)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def customer(aws: AwsSimulator) -> AwsAccount:
    """An AWS account that nobody connected yet."""
    return aws.add_account(NEW_ACCOUNT, REGIONS, external_id=EXTERNAL_ID, alias="acme-lab")


@pytest.fixture
async def place() -> AsyncIterator[Lobby]:
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    await store.ensure_indexes()
    async with SlackWorkspace(rate_limit=False, event_retry_delays=()) as slack, lobby(slack, store) as made:
        yield made


@pytest.fixture
async def office(world: World, aws: AwsSimulator) -> AsyncIterator[Office]:
    async with SlackWorkspace(rate_limit=False) as slack:
        made = Office(world, slack, aws)
        await world.store.tenants.save_tenant(
            Tenant(tenant_id=TENANT, team_id=slack.team_id, team_name="acme", alert_channel_id=made.channel)
        )
        runner = web.AppRunner(made.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        slack.connect_app(made.url)
        yield made
        await runner.cleanup()


@pytest.fixture
def unavailable() -> Callable[..., Awaitable[None]]:
    """What every method of a database does that is away."""

    async def away(*_args: object, **_named: object) -> None:
        raise UpstreamError("MongoDB did not answer.")

    return away

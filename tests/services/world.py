"""A tenant with one AWS account, all use cases over a real store, and time that moves only when a test moves it."""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from clients.aws.cloudtrail import CloudTrailHistory
from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from clients.charts.addresses import SignedAddresses
from demo.aws_account import AwsSimulator
from demo.aws_account.identities import Actor, assumed_role, iam_user
from demo.aws_account.records import Record, Writer, run_instances, terminate_instances
from engine.examples import FlatPrices
from engine.models.account import AccountStatus, AwsAccount, RegionCursor, Tenant
from engine.models.anomaly import Anomaly
from engine.models.policy import NO_POLICY, Policy
from engine.models.work import WorkItem
from engine.pricing.sheets import make_sheet
from engine.pricing.table import PriceTable
from services.digests import Digests
from services.findings import Findings
from services.history import History
from services.intake import Intake
from services.month_estimate import MonthEstimates
from services.polling import Poller
from services.quieting import Quieting
from services.reports import Reports
from services.spend_budgets import BudgetSettings
from services.spend_report import SpendReports
from services.verdicts import Verdicts
from services.zombie_asks import ZombieAsking
from services.zombies import Zombies
from store.connect import Store
from tests.demo.aws_world import NOW as START
from tests.demo.aws_world import TurnedClock, session_of
from tests.store.changing import change_account

TENANT = "t-1"
ACCOUNT = "111122223333"
REGION = "us-east-1"
REGIONS = ("eu-west-1", "us-east-1")
EXTERNAL_ID = "dd0c-7f3a"
FEW_PRICES = PriceTable.from_sheets(
    [make_sheet("AmazonEC2", "list", date(2026, 10, 15), "AWS", {"us-east-1": {"ec2/m5.large": 0.096}})]
)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
THIEF = iam_user(ACCOUNT, "thief", source_ip="192.0.2.9", user_agent="aws-cli")
DEPLOY = assumed_role(ACCOUNT, "deploy", "run-1", source_ip="192.0.2.1", user_agent="terraform")


def stranger(number: int) -> Actor:
    """Somebody whom the account never saw: what each of them starts is an incident of its own."""
    return iam_user(ACCOUNT, f"stranger-{number}", source_ip="192.0.2.10", user_agent="aws-cli")


class QueueList:
    """A queue that keeps what was put into it."""

    def __init__(self) -> None:
        self.items: list[WorkItem] = []

    async def put(self, item: WorkItem) -> None:
        self.items.append(item)

    async def put_all(self, items: Iterable[WorkItem]) -> None:
        self.items.extend(items)


@dataclass
class SetPolicy:
    """An operator's policy that changes only when a test writes another."""

    policy: Policy = NO_POLICY

    def current(self) -> Policy:
        return self.policy


@dataclass
class World:
    """One dollar an hour for each instance, whatever its type."""

    store: Store
    turned: TurnedClock = field(default_factory=lambda: TurnedClock(START))
    queue: QueueList = field(default_factory=QueueList)
    policies: SetPolicy = field(default_factory=SetPolicy)

    def __post_init__(self) -> None:
        self.writer = Writer(ACCOUNT, Random(7))  # noqa: S311 - made-up ids, no secrets
        self.intake = Intake(self.store.ledger, self.store.accounts, FlatPrices(), self.clock, policies=self.policies)
        numbers = itertools.count(1)
        self.verdicts = Verdicts(
            self.store.anomalies, self.store.ledger, self.queue, self.clock, lambda: f"id-{next(numbers)}"
        )
        self.findings = Findings(
            accounts=self.store.accounts,
            anomalies=self.store.anomalies,
            search=self.store.search,
            outbox=self.store.outbox,
            clock=self.clock,
        )
        self.quieting = Quieting(
            tenants=self.store.tenants,
            accounts=self.store.accounts,
            patterns=self.store.patterns,
            verdicts=self.verdicts,
            prices=FEW_PRICES,
            clock=self.clock,
            new_id=lambda: f"quiet-{next(numbers)}",
        )
        self.charts = SignedAddresses("https://bot.example/v1/charts", b"secret")
        self.spend = SpendReports(
            accounts=self.store.accounts,
            search=self.store.search,
            spending=self.store.spending,
            bills=self.store.bills,
            tags=self.store.spend_tags,
            months=MonthEstimates(self.store.spending, self.store.bills, self.clock),
            charts=self.charts,
            clock=self.clock,
        )
        self.spend_budgets = BudgetSettings(
            self.store.spend_budgets,
            self.store.accounts,
            self.store.spending,
            MonthEstimates(self.store.spending, self.store.bills, self.clock),
            self.clock,
        )
        self.zombies = Zombies(
            self.store.accounts,
            self.store.zombies,
            ZombieAsking(self.store.zombies, self.store.zombie_asks, self.clock),
            self.clock,
        )
        self.digests = self.new_digests()
        self.reports = Reports(
            tenants=self.store.tenants,
            accounts=self.store.accounts,
            anomalies=self.store.anomalies,
            outbox=self.store.outbox,
            posts=self.store.posts,
            set_aside=self.store.inbox,
            spending=self.store.spending,
            experiences=self.store.baselines,
            clock=self.clock,
            policies=self.policies,
        )

    def new_digests(self, readers: Sequence[str] = ()) -> Digests:
        return Digests(
            lookups=self.store.system,
            tenants=self.store.tenants,
            accounts=self.store.accounts,
            search=self.store.search,
            spending=self.store.spending,
            posts=self.store.posts,
            charts=self.charts,
            outbox=self.store.outbox,
            users=self.store.users,
            spend=self.spend,
            zombies=self.zombies,
            clock=self.clock,
            readers=readers,
        )

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.turned.now, UTC)

    def turn(self, span: timedelta) -> None:
        self.turned.now += span.total_seconds()

    def launch(
        self,
        count: int = 6,
        instance_type: str = "m5.large",
        *,
        ago: timedelta = timedelta(0),
        actor: Actor = THIEF,
        region: str = REGION,
    ) -> Record:
        """A launch that costs a dollar an hour for each instance; six alert in a young account."""
        return run_instances(self.writer.scene(actor, self.clock() - ago, region), instance_type, count)

    def terminate(self, launched: Record, *, ago: timedelta = timedelta(0)) -> Record:
        ids = [item["instanceId"] for item in launched["responseElements"]["instancesSet"]["items"]]
        scene = self.writer.scene(THIEF, self.clock() - ago, launched["awsRegion"])
        return terminate_instances(scene, ids)

    async def ingest(self, *records: Record) -> None:
        await self.intake.ingest(TENANT, ACCOUNT, raw(records))

    async def account(self) -> AwsAccount:
        return await self.store.accounts.find_account(TENANT, ACCOUNT)

    async def change_account(self, **changes: Any) -> None:
        await change_account(self.store, TENANT, ACCOUNT, **changes)

    async def anomalies(self) -> list[Anomaly]:
        return await self.store.anomalies.find_anomalies(TENANT, since=self.clock() - 100 * DAY, limit=100)

    async def baseline(self) -> Any:
        loaded = await self.store.ledger.load_state(TENANT, ACCOUNT, [], self.clock())
        return loaded.state.baseline

    async def settle(self) -> None:
        """Do the work that was queued."""
        items, self.queue.items = self.queue.items, []
        for item in items:
            await self.verdicts.learn(item.tenant_id, item.subject)

    def source(self, simulator: AwsSimulator) -> CloudTrailHistory:
        """The real client on the simulated AWS, as fast as it goes."""
        return CloudTrailHistory(self.roles(simulator), Pacer(1e9, lambda: 0.0))

    def roles(self, simulator: AwsSimulator) -> Roles:
        return Roles(session_of(simulator.caller), clock=self.clock, endpoint_url=simulator.url, attempts=1)

    def poller(self, simulator: AwsSimulator) -> Poller:
        return Poller(self.source(simulator), self.store.accounts, self.intake, self.clock)

    def history(self, simulator: AwsSimulator, ledger: Any = None, **more: Any) -> History:
        return History(
            source=self.source(simulator),
            accounts=self.store.accounts,
            ledger=ledger or self.store.ledger,
            intake=self.intake,
            prices=FlatPrices(),
            clock=self.clock,
            **more,
        )


def raw(records: Iterable[Record]) -> list[bytes]:
    return [json.dumps(record).encode() for record in records]


async def furnished(store: Store) -> World:
    """A world with a tenant and an active account that was read until now."""
    await store.ensure_indexes()
    world = World(store)
    await store.tenants.save_tenant(Tenant(tenant_id=TENANT, team_id="T1", team_name="acme", alert_channel_id="C1"))
    await store.accounts.insert_account(
        TENANT,
        AwsAccount(
            account_id=ACCOUNT,
            name="production",
            status=AccountStatus.ACTIVE,
            external_id=EXTERNAL_ID,
            role_arn=f"arn:aws:iam::{ACCOUNT}:role/dd0c-cost-readonly",
            regions=REGIONS,
            connected_at=world.clock(),
            cursors=tuple(
                RegionCursor(region=region, read_until=world.clock(), rescanned_at=world.clock()) for region in REGIONS
            ),
        ),
    )
    return world

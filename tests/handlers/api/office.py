"""The REST API on a real server, over a store with two tenants that have the same kinds of things."""

import itertools
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from clients.charts.addresses import SignedAddresses
from clients.credential_seal import seal_for
from clients.parquet import ParquetFiles
from engine.errors import AccessDenied
from engine.models.account import AwsAccount
from engine.models.api_key import Scope
from engine.models.billing import Subscription
from engine.models.connection import RegionStates
from handlers.web.api import app as api
from handlers.web.api import reference
from handlers.web.api.services import ApiServices
from handlers.web.api.table import ROUTES
from handlers.web.pages import Pages
from services.anomaly_feed import AnomalyFeed
from services.baseline_report import BaselineReports
from services.connection_news import ConnectionTeller
from services.declarations import Declarations
from services.exporting import Exporting
from services.idempotency import Idempotency
from services.identities import KeyIdentities
from services.keys import Keys
from services.leaving import Departures
from services.modes import Modes
from services.month_estimate import MonthEstimates
from services.onboarding import Onboarding
from services.plans import Plans
from services.ports.identity import AuthProvider
from services.preferences import Preferences
from services.rate_limits import RateLimits
from services.reports import Reports
from services.role_checking import RoleChecking
from services.spend_files import SpendFiles
from services.spend_report import SpendReports
from services.spend_tags import TagSpend
from services.verdicts import Verdicts
from services.webhooks import Unsealed, Webhooks
from services.zombie_asks import ZombieAsking
from services.zombie_settings import ZombieSettings
from services.zombies import Zombies
from store.connect import Store
from tests.fixtures.tag_source import TwoTeams
from tests.services.world import QueueList
from tests.store.samples import NOW, OTHER_TENANT, TENANT, account, anomaly, changes, cost_event, resource, tenant

OTHER_ACCOUNT = "444455556666"
EXTERNAL_ID = "external"
EVERYTHING = tuple(Scope)


class OneGoodRole:
    """An AWS in which every account has one role that is right, and trusts our external id alone."""

    async def assume(self, role_arn: str, external_id: str | None) -> None:
        if not role_arn.endswith(":role/good") or external_id != EXTERNAL_ID:
            raise AccessDenied("not authorized", code="AccessDenied")

    async def fetch_principal(self) -> str:
        return "arn:aws:iam::1:role/bot"

    async def fetch_region_states(self, _account: AwsAccount) -> RegionStates:
        return RegionStates(on=("us-east-1",), off=("me-south-1",))

    async def fetch_alias(self, _account: AwsAccount) -> str:
        return "sandbox"

    async def fetch_newest_record_time(self, _account: AwsAccount, _region: str) -> datetime | None:
        return NOW

    async def try_action(self, _account: AwsAccount, action: str) -> None:
        if action.startswith("ce:"):
            raise AccessDenied("not authorized", code="AccessDenied")


class OpenTill:
    """A payment provider at which nobody ever pays."""

    async def create_customer(self, tenant_id: str, _name: str) -> str:
        return f"cus_{tenant_id}"

    async def open_checkout(self, _tenant_id: str, customer_id: str, quantity: int) -> str:
        return f"https://till.example/pay/{customer_id}/{quantity}"

    async def open_portal(self, customer_id: str) -> str:
        return f"https://till.example/portal/{customer_id}"

    async def fetch_subscription(self, _customer_id: str) -> Subscription | None:
        return None

    async def set_quantity(self, _subscription: Subscription, _quantity: int) -> None:
        raise AssertionError("nobody has a subscription here")

    async def cancel(self, _subscription: Subscription) -> None:
        raise AssertionError("nobody has a subscription here")


class Office:
    """``send`` speaks as whoever's key is given, by default as the first tenant's with all scopes."""

    def __init__(
        self,
        store: Store,
        per_minute: int = 100_000,
        auth: AuthProvider | None = None,
        *,
        tenant_per_minute: int = 1_000_000,
    ) -> None:
        self.store = store
        self.now = NOW
        self.queue = QueueList()
        self.keys = Keys(store.api_keys, os.urandom, self.clock)
        self.url = ""
        self.key = ""
        self.services = self._services(per_minute, tenant_per_minute, auth or KeyIdentities(self.keys))

    def clock(self) -> datetime:
        return self.now

    def _seconds(self) -> float:
        return self.now.timestamp()

    def turn(self, span: timedelta) -> None:
        self.now += span

    def _services(self, per_minute: int, tenant_per_minute: int, auth: AuthProvider) -> ApiServices:
        store, clock = self.store, self.clock
        numbers = itertools.count(1)
        return ApiServices(
            auth=auth,
            limits=RateLimits(per_minute, self._seconds),
            tenant_limits=RateLimits(tenant_per_minute, self._seconds),
            idempotency=Idempotency(store.idempotency, seal_for, clock, os.urandom),
            accounts=store.accounts,
            anomalies=AnomalyFeed(store.tenants, store.anomalies, store.search),
            baselines=BaselineReports(store.accounts, store.ledger, store.observations, clock),
            declarations=Declarations(store.accounts, store.patterns, clock),
            departures=Departures(
                accounts=store.accounts,
                tenants=store.tenants,
                leaving=store.leaving,
                lookups=store.system,
                queue=self.queue,
                clock=clock,
            ),
            zombies=Zombies(
                store.accounts, store.zombies, ZombieAsking(store.zombies, store.zombie_asks, clock), clock
            ),
            zombie_settings=ZombieSettings(store.tenants, clock),
            spend=SpendReports(
                accounts=store.accounts,
                search=store.search,
                spending=store.spending,
                bills=store.bills,
                tags=store.spend_tags,
                months=MonthEstimates(store.spending, store.bills, clock),
                charts=SignedAddresses("", b"secret"),
                clock=clock,
            ),
            spend_files=SpendFiles(store.bills, ParquetFiles(), clock),
            spend_tags=TagSpend(store.accounts, TwoTeams(), store.bills, store.spend_tags, clock),
            exporting=Exporting(store.export, store.audit, clock),
            keys=self.keys,
            onboarding=Onboarding(
                accounts=store.accounts,
                lookups=store.system,
                checking=RoleChecking(
                    roles=OneGoodRole(), clock=clock, new_id=lambda: "guess", principal_arn="arn:aws:iam::1:role/bot"
                ),
                queue=self.queue,
                clock=clock,
                new_id=lambda: EXTERNAL_ID,
                teller=ConnectionTeller(
                    tenants=store.tenants,
                    lookups=store.system,
                    accounts=store.accounts,
                    posts=store.posts,
                    clock=clock,
                ),
            ),
            plans=Plans(
                gateway=OpenTill(),
                rows=store.billing_rows,
                tenants=store.tenants,
                accounts=store.accounts,
                upgrade_url="https://costs.example/billing/checkout",
            ),
            preferences=Preferences(store.accounts, clock, Modes(store.tenants, store.accounts, clock)),
            reports=Reports(
                tenants=store.tenants,
                accounts=store.accounts,
                anomalies=store.anomalies,
                outbox=store.outbox,
                posts=store.posts,
                set_aside=store.inbox,
                spending=store.spending,
                experiences=store.baselines,
                clock=clock,
            ),
            verdicts=Verdicts(
                store.anomalies, store.ledger, self.queue, clock, lambda: f"id-{next(numbers)}-{os.urandom(4).hex()}"
            ),
            webhooks=Webhooks(store.webhooks, Unsealed(), clock),
        )

    async def make_key(self, scopes: Sequence[Scope] = EVERYTHING, tenant_id: str = TENANT) -> str:
        key, _ = await self.keys.create(tenant_id, "test", scopes, by="operator")
        return key

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> tuple[int, Any, Any]:
        """Give status, JSON (or text) and headers of the answer."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("Authorization", f"Bearer {self.key if key is None else key}")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            given.setdefault("Content-Type", "application/json")
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, data=data, headers=given) as answer,
        ):
            text = await answer.text(errors="replace")  # Some downloads are no text.
            is_json = answer.headers.get("Content-Type", "").split(";")[0].endswith(("/json", "+json"))
            return answer.status, json.loads(text) if is_json else text, answer.headers

    async def furnish(self) -> None:
        """Give both tenants an account with an anomaly; ids say whose they are."""
        await self.store.ensure_indexes()
        for tenant_id, account_id, mark in ((TENANT, "111122223333", "ours"), (OTHER_TENANT, OTHER_ACCOUNT, "theirs")):
            await self.store.tenants.save_tenant(tenant(tenant_id, team_name=mark))
            await self.store.accounts.insert_account(tenant_id, account(account_id, name=f"account-{mark}"))
            loaded = await self.store.ledger.load_state(tenant_id, account_id, [], NOW)
            made = changes(
                cost_events=[cost_event(f"event-{mark}", account_id=account_id)],
                resources={f"i-{mark}": resource(f"i-{mark}", account_id=account_id)},
                anomalies={f"anomaly-{mark}": anomaly(f"anomaly-{mark}", account_id=account_id)},
                baseline=loaded.state.baseline,
            )
            await self.store.ledger.commit(tenant_id, loaded, made, NOW)


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[Office]:
    """Serve it on a port of its own, with a key for the first tenant."""
    app = web.Application()
    api.register(app, ROUTES, office.services)
    reference.register(app, Pages())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    office.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    office.key = await office.make_key()
    try:
        yield office
    finally:
        await runner.cleanup()

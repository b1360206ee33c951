"""Plans from outside: signed events in, what is watched, told and paid out."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from clients.stripe.connect import StripeConnection
from demo.stripe_account import StripeSimulator
from engine.entitlements import GRACE
from engine.errors import Conflict, PlanLimit, Unavailable
from engine.models.account import AccountStatus
from engine.models.billing import Billing, Plan, PlanNotice, PlanTurn, Subscription
from engine.models.post import Post
from handlers.web import stripe_webhook
from services.plans import Plans
from services.subscriptions import Subscriptions
from store.connect import Store
from tests.services.world import DAY, HOUR, TENANT, World
from tests.store.changing import change_account
from tests.store.samples import account

OTHERS = ("222233334444", "333344445555")
FORBIDDEN = 401


class Till:
    """The webhook on a real server, a simulated Stripe that tells it everything, and a tenant with accounts."""

    def __init__(self, world: World, stripe: StripeSimulator, connection: StripeConnection) -> None:
        self.world = world
        self.stripe = stripe
        self.connection = connection
        self.fetching: Exception | None = None
        self.told: list[Post] = []
        self.plans = Plans(
            gateway=connection.gateway,
            rows=self.store.billing_rows,
            tenants=self.store.tenants,
            accounts=self.store.accounts,
        )
        self.subscriptions = Subscriptions(
            gateway=self,
            rows=self.store.billing_rows,
            paying=self.store.paying_tenants,
            seen=self.store.seen,
            tenants=self.store.tenants,
            accounts=self.store.accounts,
            clock=world.clock,
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection.gateway, name)

    async def fetch_subscription(self, customer_id: str) -> Subscription | None:
        if self.fetching is not None:
            raise self.fetching
        return await self.connection.gateway.fetch_subscription(customer_id)

    @property
    def store(self) -> Store:
        return self.world.store

    def app(self) -> web.Application:
        app = web.Application()
        stripe_webhook.register(app, self.connection.events, self.subscriptions)
        return app

    async def upgrade(self) -> str:
        """Somebody pays at the checkout; gives the subscription's id."""
        await self.plans.open_checkout(TENANT)
        session = self.stripe.ledger.pay(list(self.stripe.ledger.sessions)[-1])
        assert await self.stripe.tell("checkout.session.completed", session) == 200
        return str(session["subscription"])

    async def connect(self, *account_ids: str) -> None:
        for number, account_id in enumerate(account_ids, start=1):
            later = self.world.clock() + number * timedelta(minutes=1)
            most = await self.plans.limit(TENANT)
            await self.store.accounts.insert_account(TENANT, account(account_id, connected_at=later), most=most)

    async def paused(self) -> list[str]:
        accounts = await self.store.accounts.find_accounts(TENANT)
        return [one.account_id for one in accounts if one.paused_at is not None]

    async def due(self) -> set[str]:
        return {account_id for _, account_id in await self.store.system.find_due_accounts()}

    async def billing(self) -> Billing:
        return await self.store.billing_rows.find_billing(TENANT)

    async def turns(self) -> list[PlanTurn]:
        """What people were told, in order."""
        told = []
        while claimed := await self.store.posts.claim_due(self.world.clock(), 3600.0):
            told.append(claimed[1])
        self.told += sorted(told, key=lambda post: post.created_at)
        return [post.content.turn for post in self.told if isinstance(post.content, PlanNotice)]


@pytest.fixture
async def till(world: World, stripe: StripeSimulator, connection: StripeConnection) -> AsyncIterator[Till]:
    async with AsyncExitStack() as stack:
        yield await opened(Till(world, stripe, connection), stack)


@pytest.fixture
async def real_till(real_world: World, stripe: StripeSimulator, connection: StripeConnection) -> AsyncIterator[Till]:
    async with AsyncExitStack() as stack:
        yield await opened(Till(real_world, stripe, connection), stack)


async def opened(till: Till, stack: AsyncExitStack) -> Till:
    runner = web.AppRunner(till.app())
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    till.stripe.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}{stripe_webhook.PATH}"
    return till


async def test_free_covers_one_account(till: Till) -> None:
    with pytest.raises(PlanLimit, match="watches 1 AWS account"):
        await till.connect(OTHERS[0])
    report = await till.plans.report(TENANT)
    assert (report.accounts, report.limit, report.billing.plan) == (1, 1, Plan.FREE)


@pytest.mark.integration
async def test_of_eight_at_once_over_the_limit_none_slips_through(real_till: Till) -> None:
    store = real_till.store
    [watched] = await store.accounts.find_accounts(TENANT)
    await change_account(store, TENANT, watched.account_id, status=AccountStatus.DISCONNECTING)
    tries = [store.accounts.insert_account(TENANT, account(f"{one:012d}"), most=1) for one in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [PlanLimit] * 7


async def test_paying_lifts_the_limit_and_is_told_once(till: Till) -> None:
    await till.upgrade()
    await till.connect(*OTHERS)
    billing = await till.billing()
    assert billing.plan is Plan.PRO
    assert billing.subscription is not None
    assert await till.turns() == [PlanTurn.UPGRADED]
    chain = await till.store.audit.find_chain(TENANT)
    assert [(entry.action, entry.details["to"]) for entry in chain.entries] == [("plan.changed", "pro")]


async def test_pro_leads_to_the_portal_and_not_to_a_second_subscription(till: Till) -> None:
    with pytest.raises(Conflict, match="never paid"):
        await till.plans.open_portal(TENANT)
    await till.upgrade()
    with pytest.raises(Conflict, match="Pro already"):
        await till.plans.open_checkout(TENANT)
    assert "/portal/" in await till.plans.open_portal(TENANT)


async def test_the_quantity_follows_the_accounts_that_are_watched(till: Till) -> None:
    await till.upgrade()
    await till.connect(*OTHERS)
    await till.subscriptions.follow_accounts()
    (item,) = (one["items"]["data"][0] for one in till.stripe.ledger.subscriptions.values())
    assert item["quantity"] == 3
    calls = len(till.stripe.calls)
    await till.subscriptions.follow_accounts()
    assert len(till.stripe.calls) == calls, "nothing changed, so nothing is asked"


async def test_a_downgrade_pauses_all_but_the_oldest_after_two_weeks_and_deletes_nothing(till: Till) -> None:
    subscription = await till.upgrade()
    await till.connect(*OTHERS)
    await till.stripe.tell("customer.subscription.deleted", till.stripe.ledger.cancel(subscription))
    assert (await till.billing()).grace_until == till.world.clock() + GRACE
    await till.subscriptions.end_graces()
    assert await till.paused() == []
    till.world.turned.now += (GRACE + HOUR).total_seconds()
    await till.subscriptions.end_graces()
    assert set(await till.paused()) == set(OTHERS)
    assert not set(OTHERS) & await till.due()
    assert len(await till.store.accounts.find_accounts(TENANT)) == 3
    calls = len(till.stripe.calls)
    await till.subscriptions.end_graces()
    assert len(till.stripe.calls) == calls, "it is over, so nothing is asked"
    assert await till.turns() == [PlanTurn.UPGRADED, PlanTurn.DOWNGRADED, PlanTurn.PAUSED]


async def test_paying_again_goes_on_where_it_stopped(till: Till) -> None:
    subscription = await till.upgrade()
    await till.connect(*OTHERS)
    await till.stripe.tell("customer.subscription.deleted", till.stripe.ledger.cancel(subscription))
    till.world.turned.now += (GRACE + DAY).total_seconds()
    await till.subscriptions.end_graces()
    await till.upgrade()
    assert await till.paused() == []
    assert set(OTHERS) <= await till.due()
    assert (await till.turns())[-2:] == [PlanTurn.UPGRADED, PlanTurn.RESUMED]


async def test_an_event_counts_once_in_any_order_and_what_it_says_is_read_again(till: Till) -> None:
    """The last to come is the oldest: it says active of what was cancelled since."""
    subscription = await till.upgrade()
    stale = dict(till.stripe.ledger.subscriptions[subscription])
    cancelled = till.stripe.ledger.cancel(subscription)
    for _ in range(3):
        assert await till.stripe.tell("customer.subscription.deleted", cancelled, event_id="evt_deleted") == 200
    reads = len(till.stripe.calls)
    assert await till.stripe.tell("customer.subscription.deleted", cancelled, event_id="evt_deleted") == 200
    assert len(till.stripe.calls) == reads
    await till.stripe.tell("customer.subscription.updated", stale)
    assert (await till.billing()).plan is Plan.FREE
    assert await till.turns() == [PlanTurn.UPGRADED, PlanTurn.DOWNGRADED]


async def test_a_payment_that_failed_is_told_once_for_each_bill_and_nothing_stops(till: Till) -> None:
    subscription = await till.upgrade()
    till.stripe.ledger.subscriptions[subscription]["status"] = "past_due"
    customer = (await till.billing()).customer_id
    for invoice in ("in_1", "in_1", "in_2"):
        assert await till.stripe.tell("invoice.payment_failed", {"id": invoice, "customer": customer}) == 200
    assert (await till.billing()).plan is Plan.PRO
    assert (await till.turns()).count(PlanTurn.PAYMENT_FAILED) == 2


async def test_while_stripe_cannot_be_read_the_event_is_asked_for_again(till: Till) -> None:
    await till.plans.open_checkout(TENANT)
    session = till.stripe.ledger.pay(list(till.stripe.ledger.sessions)[-1])
    till.fetching = Unavailable("Stripe did not answer.")
    assert await till.stripe.tell("checkout.session.completed", session, event_id="evt_again") == 503
    assert (await till.billing()).plan is Plan.FREE
    till.fetching = None
    assert await till.stripe.tell("checkout.session.completed", session, event_id="evt_again") == 200
    assert (await till.billing()).plan is Plan.PRO


async def test_a_lost_event_is_made_up_for_at_night(till: Till) -> None:
    await till.plans.open_checkout(TENANT)
    till.stripe.ledger.pay(list(till.stripe.ledger.sessions)[-1])
    await till.subscriptions.reconcile()
    assert (await till.billing()).plan is Plan.PRO


async def test_what_is_sold_for_something_else_neither_buys_pro_nor_grows_with_the_accounts(till: Till) -> None:
    subscription = await till.upgrade()
    await till.connect(*OTHERS)
    till.stripe.ledger.subscriptions[subscription]["items"]["data"][0]["price"]["id"] = "price_of_advice"
    await till.subscriptions.follow_accounts()
    await till.subscriptions.reconcile()
    await till.subscriptions.follow_accounts()
    billing = await till.billing()
    assert (billing.plan, billing.subscription) == (Plan.FREE, None)
    assert till.stripe.ledger.subscriptions[subscription]["status"] == "active"


async def test_a_customer_of_nobodys_changes_nothing(till: Till) -> None:
    assert await till.stripe.tell("customer.subscription.updated", {"customer": "cus_stranger"}) == 200
    assert await till.stripe.tell("charge.succeeded", {"id": "ch_1"}) == 200
    assert await till.turns() == []


async def test_a_tenant_that_leaves_pays_no_more(till: Till) -> None:
    subscription = await till.upgrade()
    await till.subscriptions.end(TENANT)
    assert till.stripe.ledger.subscriptions[subscription]["status"] == "canceled"


@pytest.mark.parametrize(
    ("body", "status"), [(b"{}", 400), (b"[]", 400), (b"not json", 400), (b'{"id": 1, "data": {"object": []}}', 400)]
)
async def test_what_is_signed_and_no_event_is_refused(till: Till, body: bytes, status: int) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {"Stripe-Signature": till.stripe.sign(body)}
        async with session.post(till.stripe.webhook_url, data=body, headers=headers) as answer:
            assert answer.status == status
            assert (await answer.json())["hint"]


async def test_what_stripe_did_not_sign_has_no_effect(till: Till) -> None:
    body = json.dumps({"id": "evt_1", "type": "x", "data": {"object": {"customer": "cus_1"}}}).encode()
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"Stripe-Signature": "t=1,v1=00"}, {"Stripe-Signature": till.stripe.sign(b"other")}):
            async with session.post(till.stripe.webhook_url, data=body, headers=headers) as answer:
                assert answer.status == FORBIDDEN
    assert not await till.store.seen.is_seen("stripe", "evt_1")


@pytest.mark.integration
async def test_events_at_once_settle_once(real_till: Till) -> None:
    await real_till.plans.open_checkout(TENANT)
    session = real_till.stripe.ledger.pay(list(real_till.stripe.ledger.sessions)[-1])
    statuses = await asyncio.gather(*(real_till.stripe.tell("checkout.session.completed", session) for _ in range(6)))
    assert set(statuses) == {200}
    assert await real_till.turns() == [PlanTurn.UPGRADED]

"""Subscriptions and signed events as a Stripe knows them that others wrote; ``make test`` installs it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from clients.stripe.connect import StripeConnection, connect_stripe
from engine.models.billing import BillingEvent

PYTHON = Path(__file__).parents[2] / ".venv-localstripe" / "bin" / "python"
KEY, SECRET = "sk_test_local", "whsec_local"
# By itself it would listen to everybody, keep everything in a file that all of its processes share, and refuse a word
# of Stripe's that it knows where subscriptions begin only.
RUN = """
import sys
from aiohttp import web
from localstripe.resources import Store, SubscriptionItem
from localstripe.server import app
SubscriptionItem.proration_behavior = None
Store.dump_to_disk = lambda store: None
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]))
"""
READY_SECONDS = 60.0
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not PYTHON.exists(), reason="localstripe is not installed: make .venv-localstripe/.installed"),
]


class LocalStripe:
    """The emulator, what it told our webhook, and our way to it."""

    def __init__(self, url: str, connection: StripeConnection, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session
        self.connection = connection
        self.told: list[BillingEvent] = []

    async def post(self, path: str, **form: str) -> Any:
        """What somebody does at Stripe who is not us."""
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self._session.post(self._url + path, data=form, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return json.loads(text) if text.startswith("{") else None

    async def hear(self, request: web.Request) -> web.Response:
        self.told.append(self.connection.events.read(await request.read(), request.headers["Stripe-Signature"]))
        return web.Response()

    async def subscribe(self, customer_id: str, quantity: int) -> None:
        """Somebody pays, as at a checkout."""
        product = await self.post("/v1/products", name="Pro", type="service")
        await self.post("/v1/plans", id="pro", product=product["id"], amount="1900", currency="usd", interval="month")
        card = {
            "card[number]": "4242424242424242",
            "card[exp_month]": "12",
            "card[exp_year]": "2040",
            "card[cvc]": "123",
        }
        method = await self.post("/v1/payment_methods", type="card", **card)
        await self.post(f"/v1/payment_methods/{method['id']}/attach", customer=customer_id)
        chosen = {"invoice_settings[default_payment_method]": method["id"]}
        await self.post(f"/v1/customers/{customer_id}", **chosen)
        item = {"items[0][plan]": "pro", "items[0][quantity]": str(quantity)}
        await self.post("/v1/subscriptions", customer=customer_id, **item)

    async def heard(self, kind: str) -> BillingEvent:
        async with asyncio.timeout(READY_SECONDS):
            while kind not in {event.kind for event in self.told}:  # noqa: ASYNC110 - another process tells
                await asyncio.sleep(0.05)
        return next(event for event in self.told if event.kind == kind)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
async def local_stripe() -> AsyncIterator[LocalStripe]:
    port, hook_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        process = await asyncio.create_subprocess_exec(
            PYTHON, "-c", RUN, str(port), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        stack.push_async_callback(process.wait)
        stack.callback(process.kill)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        connection = connect_stripe(
            api_key=KEY,
            api_base=url,
            webhook_secrets=(SECRET,),
            prices=("pro",),
            return_url="https://x.example/billing",
        )
        stack.push_async_callback(connection.close)
        made = LocalStripe(url, connection, session)
        app = web.Application()
        app.router.add_post("/hook", made.hear)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", hook_port).start()
        await _until_it_listens(session, url)
        await made.post("/_config/webhooks/dd0c", url=f"http://127.0.0.1:{hook_port}/hook", secret=SECRET)
        yield made


async def _until_it_listens(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                async with session.get(url):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def test_a_subscription_is_read_changed_and_ended_and_its_events_are_known(local_stripe: LocalStripe) -> None:
    gateway = local_stripe.connection.gateway
    customer = await gateway.create_customer("tenant-1", "acme")
    assert await gateway.fetch_subscription(customer) is None
    await local_stripe.subscribe(customer, 2)
    begun = await gateway.fetch_subscription(customer)
    assert begun is not None
    assert (begun.status, begun.quantity, begun.ends_at) == ("active", 2, None)
    assert begun.period_end is not None
    assert (begun.period_end - begun.created_at).days in range(28, 32)
    assert (await local_stripe.heard("customer.subscription.created")).customer_id == customer

    await gateway.set_quantity(begun, 3)
    changed = await gateway.fetch_subscription(customer)
    assert changed is not None
    assert changed.quantity == 3

    await gateway.cancel(changed)
    ended = await gateway.fetch_subscription(customer)
    assert ended is not None
    assert ended.status == "canceled"
    assert (await local_stripe.heard("customer.subscription.deleted")).customer_id == customer

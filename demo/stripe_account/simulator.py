"""The simulated Stripe's server: its API, and two pages on which somebody pays and cancels."""

import hashlib
import hmac
import html
import json
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from demo.stripe_account.ledger import Ledger, Shape

API_KEY = "sk_test_demo"
WEBHOOK_SECRET = "whsec_demo"  # noqa: S105 - made up, and known to everybody
PRICE = "price_demo_pro"


class StripeSimulator:
    """``start`` gives it an address; with ``webhook_url`` it tells there of everything that happens."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self.ledger = Ledger(now)
        self.calls: list[str] = []
        self.events: list[Shape] = []
        self.updates: list[dict[str, str]] = []
        self.webhook_url = ""
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on this machine only."""
        app = web.Application(middlewares=[self._authorised])
        app.add_routes(
            [
                web.get("/v1/prices/{id}", self._show_price),
                web.post("/v1/customers", self._create_customer),
                web.post("/v1/checkout/sessions", self._create_session),
                web.get("/v1/checkout/sessions", self._list_sessions),
                web.post("/v1/checkout/sessions/{id}/expire", self._expire_session),
                web.post("/v1/billing_portal/sessions", self._create_portal),
                web.get("/v1/subscriptions", self._list_subscriptions),
                web.delete("/v1/subscriptions/{id}", self._cancel_subscription),
                web.post("/v1/subscription_items/{id}", self._update_item),
                web.get("/pay/{id}", self._show_checkout),
                web.post("/pay/{id}", self._pay),
                web.get("/portal/{customer}", self._show_portal),
                web.post("/portal/{customer}", self._cancel_in_portal),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def environment(self) -> dict[str, str]:
        """The settings with which a bot finds it."""
        return {
            "STRIPE_API_KEY": API_KEY,
            "STRIPE_API_BASE": self.url,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "DD0C_STRIPE_PRICE": PRICE,
        }

    async def tell(self, kind: str, about: Shape, *, event_id: str = "") -> int:
        """Send a signed event and give the answer's status; 0 where nobody answered or listens."""
        event = {
            "id": event_id or self.ledger.new_id("evt"),
            "object": "event",
            "type": kind,
            "created": int(self._now()),
            "data": {"object": about},
        }
        self.events.append(event)
        if not self.webhook_url:
            return 0
        body = json.dumps(event).encode()
        with suppress(aiohttp.ClientError):
            async with (
                aiohttp.ClientSession() as session,
                session.post(self.webhook_url, data=body, headers={"Stripe-Signature": self.sign(body)}) as answer,
            ):
                return answer.status
        return 0

    def sign(self, body: bytes, secret: str = WEBHOOK_SECRET) -> str:
        """The header by which an event is known to be Stripe's."""
        seconds = int(self._now())
        digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={seconds},v1={digest}"

    @web.middleware
    async def _authorised(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.startswith("/v1/"):
            return await _answer(handler, request)
        self.calls.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"Bearer {API_KEY}":
            return _error(HTTPStatus.UNAUTHORIZED, "invalid_request_error", "api_key_invalid")
        return await _answer(handler, request)

    async def _show_price(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != PRICE:
            return _error(HTTPStatus.NOT_FOUND, "invalid_request_error", "resource_missing")
        return web.json_response({"id": PRICE, **self.ledger.price})

    async def _create_customer(self, request: web.Request) -> web.Response:
        form = await _form(request)
        key = request.headers.get("Idempotency-Key")
        return web.json_response(self.ledger.once(key, lambda: self.ledger.add_customer(form)))

    async def _create_session(self, request: web.Request) -> web.Response:
        form = await _form(request)
        if form.get("customer") not in self.ledger.customers:
            return _error(HTTPStatus.BAD_REQUEST, "invalid_request_error", "resource_missing")
        return web.json_response(self.ledger.add_session(form, self.url))

    async def _list_sessions(self, request: web.Request) -> web.Response:
        wanted = {name: request.query[name] for name in ("customer", "status") if name in request.query}
        sessions = self.ledger.sessions.values()
        found = [one for one in sessions if all(one[name] == value for name, value in wanted.items())]
        return _list(found)

    async def _expire_session(self, request: web.Request) -> web.Response:
        session = self.ledger.sessions[request.match_info["id"]]
        session.update(status="expired", url=None)
        return web.json_response(session)

    async def _create_portal(self, request: web.Request) -> web.Response:
        form = await _form(request)
        customer = form["customer"]
        return web.json_response(
            {
                "id": self.ledger.new_id("bps"),
                "object": "billing_portal.session",
                "url": f"{self.url}/portal/{customer}?{urlencode({'back': form['return_url']})}",
            }
        )

    async def _list_subscriptions(self, request: web.Request) -> web.Response:
        return _list(self.ledger.of(request.query["customer"]))

    async def _update_item(self, request: web.Request) -> web.Response:
        item = self.ledger.item(request.match_info["id"])
        if item is None:
            return _error(HTTPStatus.NOT_FOUND, "invalid_request_error", "resource_missing")
        form = await _form(request)
        self.updates.append(form)
        item["quantity"] = int(form["quantity"])
        await self.tell("customer.subscription.updated", self.ledger.subscriptions[item["subscription"]])
        return web.json_response(item)

    async def _cancel_subscription(self, request: web.Request) -> web.Response:
        subscription = self.ledger.cancel(request.match_info["id"])
        await self.tell("customer.subscription.deleted", subscription)
        return web.json_response(subscription)

    async def _show_checkout(self, request: web.Request) -> web.Response:
        session = self.ledger.sessions[request.match_info["id"]]
        what = f"dd0c/cost Pro for {session['quantity']} AWS account(s), $19 each a month"
        return _page("Simulated checkout", what, "Pay with a made-up card", session["cancel_url"])

    async def _pay(self, request: web.Request) -> web.Response:
        session = self.ledger.sessions[request.match_info["id"]]
        if session["status"] == "open":
            self.ledger.pay(session["id"])
            await self.tell("checkout.session.completed", session)
        raise web.HTTPSeeOther(session["success_url"])

    async def _show_portal(self, request: web.Request) -> web.Response:
        subscriptions = self.ledger.of(request.match_info["customer"])
        states = ", ".join(one["status"] for one in subscriptions) or "none"
        return _page("Simulated billing portal", f"Subscriptions: {states}", "Cancel at once", request.query["back"])

    async def _cancel_in_portal(self, request: web.Request) -> web.Response:
        for subscription in self.ledger.of(request.match_info["customer"]):
            if subscription["status"] != "canceled":
                await self.tell("customer.subscription.deleted", self.ledger.cancel(subscription["id"]))
        raise web.HTTPSeeOther(request.path_qs)


async def _answer(handler: Any, request: web.Request) -> web.StreamResponse:
    response: web.StreamResponse = await handler(request)
    return response


async def _form(request: web.Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.post()).items()}


def _list(found: list[Shape]) -> web.Response:
    return web.json_response({"object": "list", "data": found, "has_more": False, "url": "/"})


def _error(status: HTTPStatus, kind: str, code: str) -> web.Response:
    return web.json_response({"error": {"type": kind, "code": code, "message": code}}, status=status)


def _page(title: str, text: str, button: str, back: str) -> web.Response:
    shown = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>"
        f"<form method=post><button>{html.escape(button)}</button></form>"
        f'<p><a href="{html.escape(back)}">Back to dd0c/cost</a></p></html>'
    )
    return web.Response(text=shown, content_type="text/html")

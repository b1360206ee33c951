"""What the simulated Stripe knows, in the shapes in which Stripe tells it."""

from collections.abc import Callable, Mapping
from typing import Any

Shape = dict[str, Any]

MONTH_SECONDS = 30 * 86_400


class Ledger:
    """A price, customers, checkout sessions and subscriptions. ``now`` gives seconds since 1970."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._made = 0
        self._answers: dict[str, Shape] = {}
        self.price: Shape = {
            "object": "price",
            "active": True,
            "currency": "usd",
            "unit_amount": 1900,
            "billing_scheme": "per_unit",
            "type": "recurring",
            "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        }
        self.customers: dict[str, Shape] = {}
        self.sessions: dict[str, Shape] = {}
        self.subscriptions: dict[str, Shape] = {}

    def new_id(self, prefix: str) -> str:
        """An id as Stripe makes them: what it names, and something behind it."""
        self._made += 1
        return f"{prefix}_demo{self._made:08d}"

    def once(self, key: str | None, make: Callable[[], Shape]) -> Shape:
        """Give the same answer to the same idempotency key."""
        if key is None:
            return make()
        if key not in self._answers:
            self._answers[key] = make()
        return self._answers[key]

    def add_customer(self, form: Mapping[str, str]) -> Shape:
        """A new customer."""
        customer: Shape = {"id": self.new_id("cus"), "object": "customer", "name": form.get("name", ""), "metadata": {}}
        self.customers[customer["id"]] = customer
        return customer

    def add_session(self, form: Mapping[str, str], base_url: str) -> Shape:
        """A new checkout session, open until somebody pays or it is expired."""
        session_id = self.new_id("cs")
        session = {
            "id": session_id,
            "object": "checkout.session",
            "mode": form["mode"],
            "status": "open",
            "customer": form["customer"],
            "client_reference_id": form.get("client_reference_id"),
            "metadata": {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")},
            "quantity": int(form["line_items[0][quantity]"]),
            "price": form["line_items[0][price]"],
            "success_url": form["success_url"],
            "cancel_url": form["cancel_url"],
            "subscription": None,
            "url": f"{base_url}/pay/{session_id}",
        }
        self.sessions[session_id] = session
        return session

    def pay(self, session_id: str) -> Shape:
        """Somebody pays: the session is complete, and its subscription begins."""
        session = self.sessions[session_id]
        subscription = self._subscribe(session["customer"], session["price"], session["quantity"])
        session.update(status="complete", subscription=subscription["id"], url=None)
        return session

    def _subscribe(self, customer: str, price: str, quantity: int) -> Shape:
        now = int(self._now())
        subscription_id = self.new_id("sub")
        item = {
            "id": self.new_id("si"),
            "object": "subscription_item",
            "quantity": quantity,
            "price": {"id": price, "object": "price"},
            "current_period_start": now,
            "current_period_end": now + MONTH_SECONDS,
            "subscription": subscription_id,
        }
        subscription = {
            "id": subscription_id,
            "object": "subscription",
            "customer": customer,
            "status": "active",
            "created": now,
            "cancel_at": None,
            "metadata": {},
            "items": {"object": "list", "data": [item], "has_more": False},
        }
        self.subscriptions[subscription_id] = subscription
        return subscription

    def of(self, customer: str) -> list[Shape]:
        """A customer's subscriptions, newest first."""
        return [one for one in reversed(self.subscriptions.values()) if one["customer"] == customer]

    def item(self, item_id: str) -> Shape | None:
        """A subscription's item by its id."""
        items = [one["items"]["data"][0] for one in self.subscriptions.values()]
        return next((item for item in items if item["id"] == item_id), None)

    def cancel(self, subscription_id: str) -> Shape:
        """End a subscription at once."""
        subscription = self.subscriptions[subscription_id]
        subscription.update(status="canceled", canceled_at=int(self._now()))
        return subscription

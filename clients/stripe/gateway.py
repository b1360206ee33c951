"""The payment provider: Stripe's API, as far as subscriptions need it."""

from collections.abc import Sequence

import stripe

from clients.stripe.errors import translated
from clients.stripe.reading import subscriptions_to
from engine.entitlements import plan_of
from engine.models.billing import Plan, PriceTerms, Subscription

_MOST = 100


class StripeGateway:
    """Speaks of Pro's price, for each AWS account and month: ``prices`` begins with the one that is asked today.

    The others were asked earlier. Who subscribes to any of them has Pro.
    """

    def __init__(self, client: stripe.StripeClient, *, prices: Sequence[str], return_url: str) -> None:
        self._api = client.v1
        self._price = prices[0]
        self._prices = frozenset(prices)
        self._return_url = return_url

    async def fetch_price(self) -> PriceTerms:
        """What the configured price asks of customers. Raises Rejected when Stripe has none of that id."""
        with translated("Reading the price"):
            said = (await self._api.prices.retrieve_async(self._price)).to_dict()
        recurring = said.get("recurring") or {}
        return PriceTerms(
            coins=said.get("unit_amount"),
            currency=said["currency"],
            interval=recurring.get("interval") or "",
            interval_count=int(recurring.get("interval_count") or 1),
            is_metered=recurring.get("usage_type") == "metered",
            is_active=bool(said["active"]),
        )

    async def create_customer(self, tenant_id: str, name: str) -> str:
        """The id of the tenant's customer; asked again, the same one within a day."""
        with translated("Making a customer"):
            customer = await self._api.customers.create_async(
                {"name": name, "metadata": {"tenant_id": tenant_id}},
                {"idempotency_key": f"dd0c-customer-{tenant_id}"},
            )
        return customer.id

    async def open_checkout(self, tenant_id: str, customer_id: str, quantity: int) -> str:
        """The address of a page where this customer subscribes; one that is open already is used again.

        Two open pages could be paid both, so those for another number of accounts are closed.
        """
        with translated("Looking for an open checkout"):
            opened = await self._api.checkout.sessions.list_async(
                {"customer": customer_id, "status": "open", "limit": _MOST}
            )
        again = ""
        for session in opened.data:
            if not again and session.metadata and session.metadata.to_dict().get("quantity") == str(quantity):
                again = session.url or ""
            else:
                with translated("Closing an older checkout"):
                    await self._api.checkout.sessions.expire_async(session.id)
        return again or await self._new_checkout(tenant_id, customer_id, quantity)

    async def _new_checkout(self, tenant_id: str, customer_id: str, quantity: int) -> str:
        with translated("Opening the checkout"):
            session = await self._api.checkout.sessions.create_async(
                {
                    "mode": "subscription",
                    "customer": customer_id,
                    "client_reference_id": tenant_id,
                    "line_items": [{"price": self._price, "quantity": quantity}],
                    "metadata": {"tenant_id": tenant_id, "quantity": str(quantity)},
                    "subscription_data": {"metadata": {"tenant_id": tenant_id}},
                    "success_url": self._return_url,
                    "cancel_url": self._return_url,
                }
            )
        return session.url or ""

    async def open_portal(self, customer_id: str) -> str:
        """The address of a page where this customer sees bills, changes the card, and cancels."""
        with translated("Opening the billing portal"):
            session = await self._api.billing_portal.sessions.create_async(
                {"customer": customer_id, "return_url": self._return_url}
            )
        return session.url

    async def fetch_subscription(self, customer_id: str) -> Subscription | None:
        """The subscription to our price that counts: one that is paid for if there is one, else the newest."""
        with translated("Reading the subscription"):
            listed = await self._api.subscriptions.list_async(
                {"customer": customer_id, "status": "all", "limit": _MOST}
            )
        found = subscriptions_to(self._prices, [one.to_dict() for one in listed.data])
        return max(found, key=lambda one: (plan_of(one) is Plan.PRO, one.created_at), default=None)

    async def set_quantity(self, subscription: Subscription, quantity: int) -> None:
        """Pay for another number of accounts from now on; Stripe works out the parts of a month."""
        with translated("Changing the number of accounts"):
            await self._api.subscription_items.update_async(
                subscription.item_id, {"quantity": quantity, "proration_behavior": "create_prorations"}
            )

    async def cancel(self, subscription: Subscription) -> None:
        """End it at once; the rest of the paid time is credited."""
        with translated("Cancelling the subscription"):
            await self._api.subscriptions.cancel_async(subscription.subscription_id, {"prorate": True})

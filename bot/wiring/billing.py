"""Wiring of plans and what is paid for them."""

from typing import TYPE_CHECKING

import msgspec

from bot.identity import utc_now
from bot.settings import Settings
from handlers.web.plans import CHECKOUT
from handlers.web.site.frame import PLAN
from services.leaving import Farewell
from services.plans import Plans
from services.subscriptions import Subscriptions
from store.connect import Store

if TYPE_CHECKING:
    from clients.stripe.connect import StripeConnection


class BillingParts(msgspec.Struct, frozen=True):
    """What decides on plans; ``stripe`` and ``subscriptions`` are None where nobody pays."""

    plans: Plans
    stripe: "StripeConnection | None" = None
    subscriptions: Subscriptions | None = None

    @property
    def farewell(self) -> Farewell | None:
        """What must have worked before a tenant is deleted."""
        return None if self.subscriptions is None else self.subscriptions.end


def build_billing(settings: Settings, store: Store) -> BillingParts:
    """Give the parts. Without a key of Stripe's there is no billing, and everything is included."""
    if not settings.is_billed:
        return BillingParts(_plans(settings, store, None))
    stripe = connect_payments(settings)
    subscriptions = Subscriptions(
        gateway=stripe.gateway,
        rows=store.billing_rows,
        paying=store.paying_tenants,
        seen=store.seen,
        tenants=store.tenants,
        accounts=store.accounts,
        clock=utc_now,
    )
    return BillingParts(_plans(settings, store, stripe), stripe, subscriptions)


def _plans(settings: Settings, store: Store, stripe: "StripeConnection | None") -> Plans:
    gateway = None if stripe is None else stripe.gateway
    return Plans(
        gateway=gateway,
        rows=store.billing_rows,
        tenants=store.tenants,
        accounts=store.accounts,
        upgrade_url=settings.public_url + CHECKOUT,
    )


def connect_payments(settings: Settings) -> "StripeConnection":
    """Give the way to Stripe; nothing is sent before it is used."""
    from clients.stripe.connect import connect_stripe  # noqa: PLC0415 - the SDK takes 0.3 s, and most pay nothing

    return connect_stripe(
        api_key=settings.stripe_api_key.get_secret_value(),
        api_base=settings.stripe_api_base,
        webhook_secrets=settings.webhook_secrets(),
        prices=settings.stripe_prices(),
        return_url=settings.public_url + PLAN,
    )

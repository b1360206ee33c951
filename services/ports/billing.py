"""Plans, and the payment provider behind them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from engine.models.billing import Billing, Subscription
from engine.models.settlement import Settlement


class BillingGateway(Protocol):
    """The payment provider."""

    async def create_customer(self, tenant_id: str, name: str) -> str:
        """The id of the tenant's customer; asked again, the same one within a day."""
        ...

    async def open_checkout(self, tenant_id: str, customer_id: str, quantity: int) -> str:
        """The address of a page where this customer subscribes; one that is open already is used again."""
        ...

    async def open_portal(self, customer_id: str) -> str:
        """The address of a page where this customer sees bills, changes the card, and cancels."""
        ...

    async def fetch_subscription(self, customer_id: str) -> Subscription | None:
        """The subscription that counts: one that is paid for if there is one, else the newest."""
        ...

    async def set_quantity(self, subscription: Subscription, quantity: int) -> None:
        """Pay for another number of accounts from now on."""
        ...

    async def cancel(self, subscription: Subscription) -> None:
        """End it at once; the rest of the paid time is credited."""
        ...


class BillingRows(Protocol):
    """Where tenants stand."""

    async def find_billing(self, tenant_id: str) -> Billing:
        """Raise NotFound when there is no such tenant."""
        ...

    async def save_customer(self, tenant_id: str, customer_id: str) -> str:
        """Keep the id, unless one is kept already; gives the one that is kept. Raises NotFound."""
        ...

    async def settle(self, tenant_id: str, settlement: Settlement, now: datetime) -> None:
        """Store all of it in one transaction; raise Conflict when the tenant stands elsewhere since it was read."""
        ...


class PayingTenants(Protocol):
    """Questions of billing that span tenants."""

    async def find_tenant_by_customer(self, customer_id: str) -> str | None:
        """The tenant of a customer."""
        ...

    async def find_paying_tenants(self) -> list[tuple[str, Billing]]:
        """(tenant id, where it stands) of all with a customer."""
        ...

    async def count_watched(self) -> Mapping[str, int]:
        """Tenant id -> AWS accounts that are watched, of all tenants that have any."""
        ...

    async def find_ended_graces(self, now: datetime) -> list[str]:
        """Ids of the tenants whose time of grace is over and not yet acted on."""
        ...


class Seen(Protocol):
    """Ids of deliveries that took effect."""

    async def is_seen(self, source: str, delivery_id: str) -> bool: ...

    async def mark_seen(self, source: str, delivery_id: str, now: datetime) -> None: ...

    async def claim_all(self, source: str, delivery_ids: Sequence[str], expires_at: datetime) -> list[bool]: ...

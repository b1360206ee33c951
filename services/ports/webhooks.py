"""Webhooks out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from engine.models.webhook import Changed, Webhook, WebhookDelivery


class Webhooks(Protocol):
    """Where tenants want to be told, and what is on its way there. Claiming is atomic."""

    async def insert_webhook(self, tenant_id: str, webhook: Webhook) -> None:
        """Keep a new one, and record who made it; raise Conflict when its id is taken."""
        ...

    async def find_webhooks(self, tenant_id: str) -> list[Webhook]:
        """All of the tenant, oldest first."""
        ...

    async def find_webhook(self, tenant_id: str, webhook_id: str) -> Webhook:
        """Raise NotFound when this tenant has none of that id."""
        ...

    async def delete_webhook(self, tenant_id: str, webhook_id: str, by: str, now: datetime) -> None:
        """Forget one with all that is on its way to it, and record who did; raise NotFound when there is none."""
        ...

    async def wake_webhook(self, tenant_id: str, webhook_id: str, by: str, now: datetime) -> None:
        """Let a dead one be told again, what was given up included; raise NotFound when there is none."""
        ...

    async def note_success(self, tenant_id: str, webhook_id: str, now: datetime) -> None: ...

    async def note_failure(self, tenant_id: str, webhook_id: str, error: str, now: datetime) -> None: ...

    async def bury_webhook(self, tenant_id: str, webhook_id: str) -> bool:
        """Tell it nothing any more; False when it was dead already."""
        ...

    async def find_changed(self, limit: int) -> list[Changed]:
        """Anomalies of all tenants that changed since webhooks were told, those with a card alone."""
        ...

    async def put_deliveries(self, tenant_id: str, deliveries: Sequence[WebhookDelivery]) -> None:
        """Put messages on their way; one that is there already is left as it is."""
        ...

    async def settle_changed(self, changed: Changed) -> None:
        """Note that webhooks were told of this revision; a newer one is still to be told."""
        ...

    async def claim_due(self, now: datetime, lease_seconds: float) -> tuple[str, WebhookDelivery] | None:
        """Take the (tenant id, delivery) that is due longest, or one whose sender died."""
        ...

    async def save_webhook_delivery(self, tenant_id: str, delivery: WebhookDelivery) -> None:
        """Write what came of an attempt, and release the claim."""
        ...

    async def find_recent(self, tenant_id: str, webhook_id: str, limit: int) -> list[WebhookDelivery]:
        """The newest deliveries to one webhook."""
        ...


class WebhookCaller(Protocol):
    """Calls customers' addresses, and none inside our own network."""

    async def call(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raise UpstreamError unless the answer is a success; ``code`` is its status where there was one."""
        ...

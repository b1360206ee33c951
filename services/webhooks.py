"""Webhooks as their tenant sees them: made, listed, woken, deleted."""

import uuid
from collections.abc import Callable

from engine.errors import Conflict, InputError
from engine.models.webhook import Webhook, WebhookDelivery
from engine.webhooks import check_url, new_secret
from services.made_before import made_before
from services.ports import Clock
from services.ports.requests import Seal
from services.ports.webhooks import Webhooks as WebhookRows

_MOST = 20
_RECENT = 50
_SECRET_BYTES = 32


class Webhooks:
    """A tenant has a few."""

    def __init__(self, rows: WebhookRows, seal: Seal, clock: Clock) -> None:
        self._rows = rows
        self._seal = seal
        self._clock = clock

    async def create(
        self, tenant_id: str, url: str, description: str, by: str, random_bytes: Callable[[int], bytes]
    ) -> tuple[Webhook, str]:
        """Give the webhook and its secret, which nobody can read again. The same bytes make the same one, once.

        Raises InputError for an address that may not be called, or when there are too many.
        """
        webhook_id = str(uuid.UUID(bytes=random_bytes(16), version=4))
        secret = new_secret(random_bytes(_SECRET_BYTES))
        webhook = Webhook(
            webhook_id=webhook_id,
            url=check_url(url),
            description=description,
            secret=self._seal.seal(secret, webhook_id),
            created_by=by,
            created_at=self._clock(),
        )
        others = [one for one in await self._rows.find_webhooks(tenant_id) if one.webhook_id != webhook_id]
        if len(others) >= _MOST:
            raise InputError(f"There are {_MOST} webhooks already. Delete one first.")
        try:
            await self._rows.insert_webhook(tenant_id, webhook)
        except Conflict as conflict:
            webhook = await made_before(conflict, self._rows.find_webhook(tenant_id, webhook_id))
        return webhook, secret

    async def find_all(self, tenant_id: str) -> list[Webhook]:
        """All of the tenant, oldest first."""
        return await self._rows.find_webhooks(tenant_id)

    async def find(self, tenant_id: str, webhook_id: str) -> Webhook:
        """Raise NotFound when this tenant has none of that id."""
        return await self._rows.find_webhook(tenant_id, webhook_id)

    async def find_recent(self, tenant_id: str, webhook_id: str) -> list[WebhookDelivery]:
        """What was sent to one lately, newest first. Raises NotFound."""
        await self._rows.find_webhook(tenant_id, webhook_id)
        return await self._rows.find_recent(tenant_id, webhook_id, _RECENT)

    async def wake(self, tenant_id: str, webhook_id: str, by: str) -> Webhook:
        """Send again to one that was given up, what it missed included. Raises NotFound."""
        await self._rows.wake_webhook(tenant_id, webhook_id, by, self._clock())
        return await self._rows.find_webhook(tenant_id, webhook_id)

    async def delete(self, tenant_id: str, webhook_id: str, by: str) -> None:
        """Forget one. Raises NotFound."""
        await self._rows.delete_webhook(tenant_id, webhook_id, by, self._clock())


class Unsealed:
    """For an installation without a key to seal with: secrets lie in its database as they are."""

    def seal(self, secret: str, bound_to: str) -> str:
        """Give it back."""
        del bound_to
        return secret

    def unseal(self, sealed: str, bound_to: str) -> str:
        """Give it back."""
        del bound_to
        return sealed

"""Where tenants want to be told, and what is on its way there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import UpdateOne

from engine.audit import of_webhook
from engine.errors import NotFound
from engine.models.audit import AuditAction
from engine.models.delivery import DeliveryState
from engine.models.webhook import Changed, Webhook, WebhookDelivery, WebhookState
from store.audit import Audit
from store.codec import decode, encode, within
from store.database import NEWEST_FIRST, OLDEST_FIRST, Database, find_all, write_all
from store.errors import translated
from store.system import System
from store.transactions import Session


class Webhooks:
    """The collections ``webhooks`` and ``webhook_deliveries``.

    Deliveries are forgotten ``retention`` after they were made.

    An anomaly's row in ``outbox`` is marked ``untold`` by the very write that makes its card due, so that what webhooks
    are to be told commits with what it tells of.
    """

    def __init__(self, database: Database, system: System, audit: Audit, retention: timedelta) -> None:
        self._retention = retention
        self._database = database
        self._webhooks = database.webhooks
        self._deliveries = database.webhook_deliveries
        self._system = system
        self._audit = audit

    @translated
    async def insert_webhook(self, tenant_id: str, webhook: Webhook) -> None:
        """Keep a new one, and record who made it; raise Conflict when its id is taken."""
        record = of_webhook(webhook, AuditAction.WEBHOOK_CREATED, webhook.created_by, webhook.created_at)

        async def write(session: Session | None) -> None:
            await self._webhooks.insert_one(encode(tenant_id, webhook), session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def find_webhooks(self, tenant_id: str) -> list[Webhook]:
        """All of the tenant, oldest first."""
        by_age = {"created_at": OLDEST_FIRST, "webhook_id": OLDEST_FIRST}
        return await find_all(self._webhooks, Webhook, within(tenant_id), sort=by_age)

    @translated
    async def find_webhook(self, tenant_id: str, webhook_id: str) -> Webhook:
        """Raise NotFound when this tenant has none of that id."""
        document = await self._webhooks.find_one(within(tenant_id, webhook_id=webhook_id))
        if document is None:
            raise _missing(webhook_id)
        return decode(Webhook, document)

    @translated
    async def delete_webhook(self, tenant_id: str, webhook_id: str, by: str, now: datetime) -> None:
        """Forget one with all that is on its way to it, and record who did; raise NotFound when there is none."""

        async def write(session: Session | None) -> None:
            found = await self._webhooks.find_one_and_delete(within(tenant_id, webhook_id=webhook_id), session=session)
            if found is None:
                raise _missing(webhook_id)
            await self._deliveries.delete_many(within(tenant_id, webhook_id=webhook_id), session=session)
            record = of_webhook(decode(Webhook, found), AuditAction.WEBHOOK_DELETED, by, now)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def wake_webhook(self, tenant_id: str, webhook_id: str, by: str, now: datetime) -> None:
        """Let a dead one be told again, what was given up included; raise NotFound when there is none."""
        given_up = within(tenant_id, webhook_id=webhook_id, state=DeliveryState.DEAD.value)
        anew = {"state": DeliveryState.PENDING.value, "attempts": 0, "due_at": now, "claimed_until": None}

        async def write(session: Session | None) -> None:
            awake = {"$set": {"state": WebhookState.ACTIVE.value}}
            row = within(tenant_id, webhook_id=webhook_id)
            found = await self._webhooks.find_one_and_update(row, awake, session=session)
            if found is None:
                raise _missing(webhook_id)
            await self._deliveries.update_many(given_up, {"$set": anew}, session=session)
            record = of_webhook(decode(Webhook, found), AuditAction.WEBHOOK_WOKEN, by, now)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def note_success(self, tenant_id: str, webhook_id: str, now: datetime) -> None:
        """Note when it was last reached."""
        await self._webhooks.update_one(
            within(tenant_id, webhook_id=webhook_id), {"$set": {"last_success_at": now, "last_error": ""}}
        )

    @translated
    async def note_failure(self, tenant_id: str, webhook_id: str, error: str, now: datetime) -> None:
        """Note why it was not reached."""
        await self._webhooks.update_one(
            within(tenant_id, webhook_id=webhook_id), {"$set": {"last_error": error, "last_error_at": now}}
        )

    @translated
    async def bury_webhook(self, tenant_id: str, webhook_id: str) -> bool:
        """Tell it nothing any more; False when it was dead already."""
        living = within(tenant_id, webhook_id=webhook_id, state=WebhookState.ACTIVE.value)
        buried = await self._webhooks.update_one(living, {"$set": {"state": WebhookState.DEAD.value}})
        return buried.modified_count == 1

    async def find_changed(self, limit: int) -> list[Changed]:
        """Anomalies of all tenants that changed since webhooks were told, those with a card alone."""
        return await self._system.find_untold(limit)

    @translated
    async def put_deliveries(self, tenant_id: str, deliveries: Sequence[WebhookDelivery]) -> None:
        """Put messages on their way; one that is there already is left as it is."""
        writes = [
            UpdateOne(
                within(tenant_id, delivery_id=one.delivery_id),
                {"$setOnInsert": {**encode(tenant_id, one), "expires_at": one.created_at + self._retention}},
                upsert=True,
            )
            for one in deliveries
        ]
        await write_all(self._deliveries, writes, None)

    @translated
    async def settle_changed(self, changed: Changed) -> None:
        """Note that webhooks were told of this revision; a newer one is still to be told."""
        row = within(changed.tenant_id, anomaly_id=changed.anomaly_id, wanted=changed.wanted)
        await self._database.outbox.update_one(row, {"$set": {"untold": False, "told_webhooks": changed.wanted}})

    async def claim_due(self, now: datetime, lease_seconds: float) -> tuple[str, WebhookDelivery] | None:
        """Take the (tenant id, delivery) that is due longest, or one whose sender died."""
        return await self._system.claim_due_webhook(now, lease_seconds)

    @translated
    async def save_webhook_delivery(self, tenant_id: str, delivery: WebhookDelivery) -> None:
        """Write what came of an attempt, and release the claim."""
        changes = {"$set": {**encode(tenant_id, delivery), "claimed_until": None}}
        await self._deliveries.update_one(within(tenant_id, delivery_id=delivery.delivery_id), changes)

    @translated
    async def find_recent(self, tenant_id: str, webhook_id: str, limit: int) -> list[WebhookDelivery]:
        """The newest deliveries to one webhook."""
        query = within(tenant_id, webhook_id=webhook_id)
        newest = {"created_at": NEWEST_FIRST}
        return await find_all(self._deliveries, WebhookDelivery, query, sort=newest, limit=limit)


def _missing(webhook_id: str) -> NotFound:
    return NotFound(f"There is no webhook {webhook_id!r}.")

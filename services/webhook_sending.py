"""Tells webhooks what cards tell: at least once for what stands for a moment, again with growing gaps."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec

from engine.errors import NotFound, UpstreamError
from engine.models.anomaly import Anomaly
from engine.models.delivery import DeliveryState
from engine.models.webhook import Changed, Webhook, WebhookDelivery, WebhookState
from engine.webhooks import has_died, headers_of, next_attempt
from services.policies import NO_POLICIES, Policies
from services.ports import Anomalies, Clock, Messages, Tenants
from services.ports.requests import Seal
from services.ports.webhooks import WebhookCaller, Webhooks

_log = logging.getLogger(__name__)
_LEASE_SECONDS = 60.0
_SIDE_BY_SIDE = 8
_AT_ONCE = 100
_GONE = "410"

# (delivery id, kind of message, when, anomaly) -> JSON text
Payload = Callable[[str, str, datetime, Anomaly], str]


class WebhookSender:
    """Any number may run: claiming is atomic, and a message's id says what it is about."""

    def __init__(
        self,
        *,
        rows: Webhooks,
        anomalies: Anomalies,
        tenants: Tenants,
        caller: WebhookCaller,
        messages: Messages,
        payload: Payload,
        seal: Seal,
        clock: Clock,
        policies: Policies = NO_POLICIES,
    ) -> None:
        self._rows = rows
        self._anomalies = anomalies
        self._tenants = tenants
        self._caller = caller
        self._messages = messages
        self._payload = payload
        self._seal = seal
        self._clock = clock
        self._policies = policies

    async def run(self) -> None:
        """Put on its way what changed, and send what is due, several at a time; in panic mode all of it waits."""
        if self._policies.current().panic_mode:
            return
        for changed in await self._rows.find_changed(_AT_ONCE):
            await self._spread(changed)
        first = await self._rows.claim_due(self._clock(), _LEASE_SECONDS)
        if first is None:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver(*first))
            for _ in range(_SIDE_BY_SIDE - 1):
                group.create_task(self._work_off())

    async def _spread(self, changed: Changed) -> None:
        """One message to each webhook; a crash before the end makes none twice.

        One that is dead is not called, but its messages are kept with it, and sent when somebody wakes it.
        """
        webhooks = await self._rows.find_webhooks(changed.tenant_id)
        if webhooks:
            anomaly = await self._find_anomaly(changed)
            if anomaly is not None:
                made = [self._delivery(webhook, anomaly, changed) for webhook in webhooks]
                await self._rows.put_deliveries(changed.tenant_id, made)
        await self._rows.settle_changed(changed)

    async def _find_anomaly(self, changed: Changed) -> Anomaly | None:
        try:
            return await self._anomalies.find_anomaly(changed.tenant_id, changed.anomaly_id)
        except NotFound:
            return None

    def _delivery(self, webhook: Webhook, anomaly: Anomaly, changed: Changed) -> WebhookDelivery:
        now = self._clock()
        kind = "anomaly.updated" if changed.told else "anomaly.opened"
        delivery_id = f"{webhook.webhook_id}.{anomaly.anomaly_id}.{anomaly.revision}"
        return WebhookDelivery(
            delivery_id=delivery_id,
            webhook_id=webhook.webhook_id,
            anomaly_id=anomaly.anomaly_id,
            account_id=anomaly.account_id,
            body=self._payload(delivery_id, kind, now, anomaly),
            created_at=now,
            due_at=now,
        )

    async def _work_off(self) -> None:
        for _ in range(_AT_ONCE):
            claimed = await self._rows.claim_due(self._clock(), _LEASE_SECONDS)
            if claimed is None:
                return
            await self._deliver(*claimed)

    async def _deliver(self, tenant_id: str, delivery: WebhookDelivery) -> None:
        try:
            webhook = await self._rows.find_webhook(tenant_id, delivery.webhook_id)
        except NotFound:
            return  # It was deleted, and its deliveries with it.
        if webhook.state is WebhookState.DEAD:
            await self._set_aside(tenant_id, delivery)
        else:
            await self._attempt(tenant_id, webhook, delivery)

    async def _set_aside(self, tenant_id: str, delivery: WebhookDelivery) -> None:
        """Keep it with its dead webhook, unless that was woken meanwhile: then nobody would look for it any more."""
        dead = msgspec.structs.replace(delivery, state=DeliveryState.DEAD, error="The webhook was given up.")
        await self._rows.save_webhook_delivery(tenant_id, dead)
        with suppress(NotFound):
            if (await self._rows.find_webhook(tenant_id, delivery.webhook_id)).state is WebhookState.ACTIVE:
                await self._rows.save_webhook_delivery(tenant_id, delivery)

    async def _attempt(self, tenant_id: str, webhook: Webhook, delivery: WebhookDelivery) -> None:
        try:
            secret = self._seal.unseal(webhook.secret, webhook.webhook_id)
            await self._caller.call(webhook.url, headers_of(delivery, secret, self._clock()), delivery.body.encode())
        except UpstreamError as error:
            await self._failed(tenant_id, webhook, delivery, error)
            return
        sent = msgspec.structs.replace(delivery, state=DeliveryState.SENT, attempts=delivery.attempts + 1, error="")
        await self._rows.save_webhook_delivery(tenant_id, sent)
        await self._rows.note_success(tenant_id, webhook.webhook_id, self._clock())

    async def _failed(self, tenant_id: str, webhook: Webhook, delivery: WebhookDelivery, error: UpstreamError) -> None:
        now, attempts = self._clock(), delivery.attempts + 1
        again = None if error.code == _GONE else next_attempt(attempts, now)
        await self._rows.note_failure(tenant_id, webhook.webhook_id, str(error), now)
        failed = msgspec.structs.replace(
            delivery,
            state=DeliveryState.PENDING if again else DeliveryState.DEAD,
            attempts=attempts,
            due_at=again or delivery.due_at,
            error=str(error),
        )
        await self._rows.save_webhook_delivery(tenant_id, failed)
        if again is None and (error.code == _GONE or has_died(webhook, delivery)):
            await self._bury(tenant_id, webhook, str(error))

    async def _bury(self, tenant_id: str, webhook: Webhook, reason: str) -> None:
        """Give it up, and say so once: in the list of webhooks, and to who installed the app."""
        if not await self._rows.bury_webhook(tenant_id, webhook.webhook_id):
            return
        _log.warning("webhook %s of tenant %s was given up: %s", webhook.webhook_id, tenant_id, reason)
        try:
            tenant = await self._tenants.find_tenant(tenant_id)
            await self._messages.tell_dead_webhook(tenant, webhook.url, reason)
        except UpstreamError as error:
            _log.warning("tenant %s could not be told of its dead webhook: %s", tenant_id, error)

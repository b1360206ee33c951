"""Small, valid examples of what the REST API keeps."""

from typing import Any

from engine.models.idempotency import IdempotentRequest
from engine.models.search import Position
from engine.models.webhook import Changed, Webhook, WebhookDelivery
from tests.store.samples import ACCOUNT, HOUR, NOW, TENANT

POSITION = Position(NOW, "anomaly-1")


def webhook(webhook_id: str = "webhook-1", **fields: Any) -> Webhook:
    given = {
        "url": "https://example.com/hook",
        "description": "",
        "secret": "whsec_",
        "created_by": "U1",
        "created_at": NOW,
        **fields,
    }
    return Webhook(webhook_id=webhook_id, **given)


def webhook_delivery(delivery_id: str = "delivery-1", **fields: Any) -> WebhookDelivery:
    given = {
        "webhook_id": "webhook-1",
        "anomaly_id": "anomaly-1",
        "account_id": ACCOUNT,
        "body": "{}",
        "created_at": NOW,
        "due_at": NOW,
        **fields,
    }
    return WebhookDelivery(delivery_id=delivery_id, **given)


def changed(**fields: Any) -> Changed:
    return Changed(**{"tenant_id": TENANT, "anomaly_id": "anomaly-1", "wanted": 1, **fields})


def idempotent(key: str = "request-1", **fields: Any) -> IdempotentRequest:
    given = {
        "subject": "key:1",
        "fingerprint": "f",
        "seed": "s",
        "claimed_until": NOW,
        "expires_at": NOW + 24 * HOUR,
        **fields,
    }
    return IdempotentRequest(key=key, **given)

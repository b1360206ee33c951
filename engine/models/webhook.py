"""Addresses of customers that are told what cards tell."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.models.delivery import DeliveryState


class WebhookState(StrEnum):
    """``DEAD`` is told nothing any more, until somebody wakes it."""

    ACTIVE = "active"
    DEAD = "dead"


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tenant wants to be told. ``secret`` signs what is sent, and is kept sealed where there is a key."""

    webhook_id: str
    url: str
    description: str
    secret: str
    created_by: str
    created_at: datetime
    state: WebhookState = WebhookState.ACTIVE
    last_success_at: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None


class WebhookDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one webhook: ``body`` is sent as it is, however often. The states are those of a card's delivery.

    It is about one revision of one anomaly, which its id names, so that nothing makes it twice.
    """

    delivery_id: str
    webhook_id: str
    anomaly_id: str
    account_id: str
    body: str
    created_at: datetime
    due_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    claimed_until: datetime | None = None
    error: str = ""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """An anomaly with a card that changed since webhooks were told. ``told`` is the revision they know; 0: none."""

    tenant_id: str
    anomaly_id: str
    wanted: int
    told: int = 0

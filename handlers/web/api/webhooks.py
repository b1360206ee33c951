"""Addresses of yours that are told what cards tell. Messages are signed as Standard Webhooks are."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from engine.models.anomaly import Anomaly
from engine.models.api_key import Scope
from engine.models.delivery import DeliveryState
from engine.models.webhook import Webhook, WebhookDelivery, WebhookState
from engine.roles import Deed
from engine.webhooks import LONGEST_URL, URL
from handlers.web.api.anomaly_models import AnomalyShown, anomaly_of
from handlers.web.api.models import Id, Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from services.idempotency import bytes_from

_PATH = "/v1/webhooks"
_TAG = "webhooks"


class WebhookPath(Model):
    """One webhook."""

    webhook_id: Id


class NewWebhook(Model):
    """Where to tell: https on the public internet, without redirects; it has ten seconds to answer 2xx."""

    url: Annotated[
        str,
        Field(
            pattern=URL,
            max_length=LONGEST_URL,
            description="An https address by name, at port 443 or 8443, such as `https://example.com/hook`.",
        ),
    ]
    description: Annotated[str, Field(max_length=200)] = ""


class WebhookShown(Model):
    """A webhook without its secret. A `dead` one was given up after a day of failures, and is told nothing."""

    webhook_id: str
    url: str
    description: str
    state: WebhookState
    created_by: str
    created_at: Moment
    last_success_at: Moment | None
    last_error: str
    last_error_at: Moment | None


class WebhookMade(Model):
    """A new webhook. `secret` is shown now and never again."""

    secret: str
    webhook: WebhookShown


class WebhookList(Model):
    """All webhooks, oldest first."""

    webhooks: list[WebhookShown]


class WebhookChange(Model):
    """Wakes one that is dead; what it missed is sent again."""

    state: Literal[WebhookState.ACTIVE]


class DeliveryShown(Model):
    """One message. `sent` means that it was answered 2xx."""

    delivery_id: str
    anomaly_id: str
    state: DeliveryState
    attempts: int
    created_at: Moment
    due_at: Moment
    error: str


class DeliveryList(Model):
    """The newest fifty."""

    deliveries: list[DeliveryShown]


class WebhookKind(StrEnum):
    """What happened: a card was to be posted, or it changed."""

    OPENED = "anomaly.opened"
    UPDATED = "anomaly.updated"


class WebhookMessage(Model):
    """What a webhook gets. The same `id` may come again; take the highest `data.revision` of an anomaly."""

    id: str
    type: WebhookKind
    timestamp: Moment
    data: AnomalyShown


def payload(delivery_id: str, kind: str, at: datetime, anomaly: Anomaly) -> str:
    """Write a message."""
    data = anomaly_of(anomaly, "")
    return WebhookMessage(id=delivery_id, type=WebhookKind(kind), timestamp=at, data=data).model_dump_json()


async def list_webhooks(services: ApiServices, call: Call[Nothing, Nothing]) -> WebhookList:
    """Give them all."""
    return WebhookList(webhooks=[_shown(one) for one in await services.webhooks.find_all(call.tenant_id)])


async def create_webhook(services: ApiServices, call: Call[Nothing, NewWebhook]) -> WebhookMade:
    """From now on it is told of every card that is new or changes."""
    asked = call.body
    webhook, secret = await services.webhooks.create(
        call.tenant_id, asked.url, asked.description, call.subject, bytes_from(call.seed)
    )
    return WebhookMade(secret=secret, webhook=_shown(webhook))


async def get_webhook(services: ApiServices, call: Call[WebhookPath, Nothing]) -> WebhookShown:
    """Give one."""
    return _shown(await services.webhooks.find(call.tenant_id, call.params.webhook_id))


async def change_webhook(services: ApiServices, call: Call[WebhookPath, WebhookChange]) -> WebhookShown:
    """Wake it."""
    return _shown(await services.webhooks.wake(call.tenant_id, call.params.webhook_id, call.subject))


async def delete_webhook(services: ApiServices, call: Call[WebhookPath, Nothing]) -> None:
    """Forget it, with all that is on its way to it."""
    await services.webhooks.delete(call.tenant_id, call.params.webhook_id, call.subject)


async def list_deliveries(services: ApiServices, call: Call[WebhookPath, Nothing]) -> DeliveryList:
    """Give the newest."""
    found = await services.webhooks.find_recent(call.tenant_id, call.params.webhook_id)
    return DeliveryList(deliveries=[_delivery(one) for one in found])


def _shown(one: Webhook) -> WebhookShown:
    return WebhookShown(
        webhook_id=one.webhook_id,
        url=one.url,
        description=one.description,
        state=one.state,
        created_by=one.created_by,
        created_at=one.created_at,
        last_success_at=one.last_success_at,
        last_error=one.last_error,
        last_error_at=one.last_error_at,
    )


def _delivery(one: WebhookDelivery) -> DeliveryShown:
    return DeliveryShown(
        delivery_id=one.delivery_id,
        anomaly_id=one.anomaly_id,
        state=one.state,
        attempts=one.attempts,
        created_at=one.created_at,
        due_at=one.due_at,
        error=one.error,
    )


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=_PATH,
        summary="List the webhooks.",
        handle=list_webhooks,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.CHANGE_SETTINGS,
        answer=WebhookList,
    ),
    Route(
        method="POST",
        path=_PATH,
        summary="Add a webhook, and show its secret once.",
        handle=create_webhook,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        body=NewWebhook,
        answer=WebhookMade,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path=f"{_PATH}/{{webhook_id}}",
        summary="Show one webhook.",
        handle=get_webhook,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.CHANGE_SETTINGS,
        params=WebhookPath,
        answer=WebhookShown,
    ),
    Route(
        method="PATCH",
        path=f"{_PATH}/{{webhook_id}}",
        summary="Wake a dead webhook.",
        handle=change_webhook,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        params=WebhookPath,
        body=WebhookChange,
        answer=WebhookShown,
    ),
    Route(
        method="DELETE",
        path=f"{_PATH}/{{webhook_id}}",
        summary="Delete a webhook.",
        handle=delete_webhook,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        params=WebhookPath,
    ),
    Route(
        method="GET",
        path=f"{_PATH}/{{webhook_id}}/deliveries",
        summary="List what was sent to a webhook lately.",
        handle=list_deliveries,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.CHANGE_SETTINGS,
        params=WebhookPath,
        answer=DeliveryList,
    ),
)

"""The rules of webhooks: where they may lead, how they are signed, when they are tried again."""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from engine.errors import InputError
from engine.models.webhook import Webhook, WebhookDelivery

_SECRET_PREFIX = "whsec_"  # noqa: S105 - what every such secret begins with, no secret
_SECRET_BYTES = 32
LONGEST_URL = 800
# A name with a dot in it, and no address in figures; neither user nor fragment.
URL = (
    r"^https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(:(443|8443))?"
    r"(/[A-Za-z0-9._~/%+-]{0,500})?([?][A-Za-z0-9._~/%&=+-]{0,500})?$"
)
_URL = re.compile(URL)
_GAPS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 18_000, 36_000, 36_000))


def check_url(url: str) -> str:
    """Give the address if it may be a webhook's at all: https, a host by its name, no password. Raises InputError.

    >>> check_url("https://example.com/hook")
    'https://example.com/hook'
    """
    if len(url) > LONGEST_URL or not _URL.fullmatch(url):
        raise InputError(
            "`url` must be like https://example.com/hook: https, a host by its name in small letters, port 443 or 8443."
        )
    return url


def new_secret(random: bytes) -> str:
    """Write a secret as Standard Webhooks do.

    >>> new_secret(bytes(32))[:10]
    'whsec_AAAA'
    """
    return _SECRET_PREFIX + base64.b64encode(random[:_SECRET_BYTES]).decode()


def headers_of(delivery: WebhookDelivery, secret: str, now: datetime) -> dict[str, str]:
    """Sign a delivery as Standard Webhooks do: HMAC-SHA-256 over its id, the time of this attempt and the body.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> one = WebhookDelivery(delivery_id="d", webhook_id="w", anomaly_id="a", account_id="1", body="{}",
    ...     created_at=at, due_at=at)
    >>> headers_of(one, new_secret(bytes(32)), at)["webhook-signature"][:3]
    'v1,'
    """
    timestamp = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    signed = f"{delivery.delivery_id}.{timestamp}.{delivery.body}".encode()
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{digest}",
    }


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many failures, or None when that is over: the gaps grow, about 28 hours in all.

    >>> from datetime import UTC
    >>> (next_attempt(1, datetime(2026, 3, 1, tzinfo=UTC)) - datetime(2026, 3, 1, tzinfo=UTC)).seconds
    10
    >>> next_attempt(9, datetime(2026, 3, 1, tzinfo=UTC)) is None
    True
    """
    return now + _GAPS[attempts - 1] if attempts <= len(_GAPS) else None


def has_died(webhook: Webhook, given_up: WebhookDelivery) -> bool:
    """Whether nothing got through since what was given up was made: then the next would not either.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> one = WebhookDelivery(delivery_id="d", webhook_id="w", anomaly_id="a", account_id="1", body="{}",
    ...     created_at=at, due_at=at)
    >>> hook = Webhook(webhook_id="w", url="", description="", secret="", created_by="", created_at=at)
    >>> has_died(hook, one)
    True
    """
    return webhook.last_success_at is None or webhook.last_success_at < given_up.created_at

"""Stripe's events: told from what others send by their signature, and read no further than we need."""

import json
from typing import Any

import stripe

from engine.errors import AccessDenied, InputError
from engine.models.billing import BillingEvent

_TOLERANCE_SECONDS = 300


class StripeEvents:
    """Reads what comes to the webhook. More than one secret may hold while it is being changed."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets

    def read(self, body: bytes, signature: str) -> BillingEvent:
        """Raises AccessDenied for what Stripe did not sign in the last minutes, InputError for what is no event."""
        self._require_signed(body, signature)
        try:
            return _event(json.loads(body))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise InputError("The body is no event of Stripe's.") from None

    def _require_signed(self, body: bytes, signature: str) -> None:
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(body.decode(), signature, secret, _TOLERANCE_SECONDS)
            except (stripe.SignatureVerificationError, ValueError):
                continue
            return
        raise AccessDenied("The request is not signed by Stripe.", code="bad_signature")


def _event(said: dict[str, Any]) -> BillingEvent:
    about = said["data"]["object"]
    kind = str(said["type"])
    customer = about.get("customer") or ""
    return BillingEvent(
        event_id=str(said["id"]),
        kind=kind,
        customer_id=str(customer.get("id", "") if isinstance(customer, dict) else customer),
        invoice_id=str(about.get("id", "")) if kind.startswith("invoice.") else "",
    )

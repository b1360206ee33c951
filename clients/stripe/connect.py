"""The way to Stripe."""

import stripe

from clients.stripe.events import StripeEvents
from clients.stripe.gateway import StripeGateway

CALL_SECONDS = 20.0
_RETRIES = 2  # The SDK repeats with the same idempotency key, so nothing happens twice.


class StripeConnection:
    """What speaks to Stripe, and what listens to it."""

    def __init__(self, gateway: StripeGateway, events: StripeEvents, http: stripe.AIOHTTPClient) -> None:
        self.gateway = gateway
        self.events = events
        self._http = http

    async def close(self) -> None:
        """Drop the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call] # the SDK left it untyped


def connect_stripe(
    *, api_key: str, api_base: str, webhook_secrets: tuple[str, ...], prices: tuple[str, ...], return_url: str
) -> StripeConnection:
    """Give the connection; nothing is sent before it is used. Of ``prices`` the first one is what is asked today."""
    http = stripe.AIOHTTPClient(timeout=CALL_SECONDS)
    client = stripe.StripeClient(
        api_key,
        http_client=http,
        max_network_retries=_RETRIES,
        base_addresses={"api": api_base.rstrip("/")},
    )
    return StripeConnection(
        StripeGateway(client, prices=prices, return_url=return_url), StripeEvents(webhook_secrets), http
    )

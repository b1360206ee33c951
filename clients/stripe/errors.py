"""Stripe's errors in our own words."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from engine.errors import AccessDenied, Rejected, Throttled, Unavailable

_RETRY_SECONDS = 2.0


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise the errors of ``engine.errors`` for those of the SDK; ``doing`` says in words what was tried.

    The SDK's texts are left out: they may quote what was sent.
    """
    try:
        yield
    except stripe.RateLimitError as error:
        raise Throttled(_text(doing, error), code="rate_limited", retry_after=_RETRY_SECONDS) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise AccessDenied(_text(doing, error), code=_code(error)) from error
    except (stripe.APIConnectionError, stripe.IdempotencyError) as error:
        raise Unavailable(f"{doing}: Stripe did not answer.", code="no_answer") from error
    except stripe.InvalidRequestError as error:
        raise Rejected(_text(doing, error), code=_code(error)) from error
    except stripe.StripeError as error:
        raise Unavailable(_text(doing, error), code=_code(error)) from error


def _text(doing: str, error: stripe.StripeError) -> str:
    return f"{doing}: Stripe says {_code(error)}."


def _code(error: stripe.StripeError) -> str:
    return str(error.code or f"http_{error.http_status}")

"""Slack's errors in our own words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from engine.errors import AccessDenied, Rejected, Throttled, Unavailable, UpstreamError

_DENIED = frozenset({"missing_scope", "not_allowed_token_type", "no_permission", "access_denied"})
_LATER = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


@asynccontextmanager
async def translated(doing: str) -> AsyncIterator[None]:
    """Raise the errors of ``engine.errors`` for those of the SDK; ``doing`` says in words what was tried."""
    try:
        yield
    except SlackApiError as error:
        raise _from_answer(error, doing) from error
    except (aiohttp.ClientError, TimeoutError, OSError, SlackClientError) as error:
        raise Unavailable(f"{doing}: Slack did not answer ({type(error).__name__}).", code="no_answer") from error


def _from_answer(error: SlackApiError, doing: str) -> UpstreamError:
    status = getattr(error.response, "status_code", 0)
    code = _code(error)
    text = f"{doing}: Slack says {code or status}."
    if status == _TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}:
        return Throttled(text, code="ratelimited", retry_after=_retry_after(error))
    if status >= _SERVER_ERROR or code in _LATER:
        return Unavailable(text, code=code or f"http_{status}")
    return AccessDenied(text, code=code) if code in _DENIED else Rejected(text, code=code)


def _code(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _retry_after(error: SlackApiError) -> float:
    """Seconds to wait, as the header says; a header that is no number means a second."""
    headers = getattr(error.response, "headers", None) or {}
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    try:
        return max(0.0, float(value))
    except ValueError:
        return 1.0

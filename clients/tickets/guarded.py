"""Calls to addresses that a customer named: they must not lead into the network the bot stands in."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec

from clients.public_resolver import PublicResolver
from engine.errors import UNREADABLE, AccessDenied, NotFound, Rejected, Throttled, Unavailable
from engine.tracker_forms import wrong_url

_SECONDS = aiohttp.ClientTimeout(total=10.0)
_LARGEST_ANSWER = 2 << 20
_HEADERS = {"User-Agent": "dd0c-cost", "Accept": "application/json"}
_USUAL_WAIT = 60.0


class Answer(msgspec.Struct, frozen=True):
    """A status below 300, or one that the caller wanted to see, and the JSON that came with it (None for none)."""

    status: int
    body: Any


class GuardedWeb:
    """One call a connection: tickets are rare. Redirects are not followed, and answers have a largest size."""

    def __init__(self, *, local: bool = False) -> None:
        """``local`` allows addresses of this machine and network, for development."""
        self._local = local

    async def call(
        self, method: str, url: str, *, headers: Mapping[str, str], json: Any = None, allowed: tuple[int, ...] = ()
    ) -> Answer:
        """Raise the errors of ``engine.errors``; their texts name the host and never a header."""
        base = url.partition("?")[0]
        if wrong_url(base.rstrip("/"), local=self._local):
            raise Rejected("The tracker's address is none that may be called.", code="wrong_url")
        connector = aiohttp.TCPConnector(resolver=None if self._local else PublicResolver(), force_close=True)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=_SECONDS, headers=_HEADERS) as session,
                session.request(method, url, headers=headers, json=json, allow_redirects=False) as response,
            ):
                return await _read(response, allowed)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"It did not answer ({type(error).__name__}).", code="no_answer") from error


async def _read(response: aiohttp.ClientResponse, allowed: tuple[int, ...]) -> Answer:
    raw = bytearray()
    async for piece in response.content.iter_chunked(1 << 16):
        raw += piece
        if len(raw) > _LARGEST_ANSWER:
            raise Rejected("It answered more than anything a tracker says.", code="too_large")
    body = _decoded(bytes(raw))
    if response.status >= HTTPStatus.MULTIPLE_CHOICES and response.status not in allowed:
        _refuse(response, body)
    return Answer(response.status, body)


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw) if raw else None
    except UNREADABLE:
        return None


def _refuse(response: aiohttp.ClientResponse, body: Any) -> None:
    status = response.status
    limited = response.headers.get("x-ratelimit-remaining") == "0"
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and limited):
        raise Throttled("It wants fewer requests.", code=str(status), retry_after=_retry_after(response.headers))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise AccessDenied("It refuses the token.", code=str(status))
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise NotFound("It does not know that project.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"It answered {status}.", code=str(status))
    raise Rejected(f"It answered {status}{_reason(body)}", code=str(status))


def _reason(body: Any) -> str:
    """What the tracker itself says is wrong, in its different forms."""
    if not isinstance(body, dict):
        return "."
    errors = body.get("errors")
    said = [
        body.get("message"),
        *(body.get("errorMessages") or ()),
        *(errors.values() if isinstance(errors, dict) else ()),
    ]
    texts = [one for one in said if isinstance(one, str) and one]
    return f": {'; '.join(texts)[:300]}" if texts else "."


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(1.0, min(float(headers.get("Retry-After", "")), 3600.0))
    except ValueError:
        return _USUAL_WAIT

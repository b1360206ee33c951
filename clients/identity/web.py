"""Asking an identity provider: with a limit to everything."""

import json
from typing import Any

import aiohttp

from clients.reading import read_start
from engine.errors import AccessDenied, Unavailable

_SECONDS = 10.0
_LARGEST = 256 * 1024
_SERVER_ERROR = 500
_REFUSED = 400


async def fetch_json(session: aiohttp.ClientSession, method: str, url: str, **sent: Any) -> dict[str, Any]:
    """Give the JSON object at this address. Raises AccessDenied when it refuses, Unavailable for anything else.

    Redirects are not followed, for an issuer's addresses are what it says they are.
    """
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with session.request(method, url, timeout=timeout, allow_redirects=False, **sent) as answer:
            body = await read_start(answer, _LARGEST + 1)
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable("The identity provider did not answer.", code="no_answer") from error
    if _REFUSED <= status < _SERVER_ERROR:
        raise AccessDenied("The identity provider did not accept the sign-in. Try again.", code=f"http_{status}")
    try:
        said = json.loads(body) if len(body) <= _LARGEST else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Unavailable("The identity provider's answer cannot be read.", code=f"http_{status}")
    return said

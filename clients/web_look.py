"""One request to an address of the operator's, to see whether it answers and what."""

from collections.abc import Mapping

import aiohttp
import msgspec

from clients.reading import read_start
from engine.errors import Unavailable

_SECONDS = 10.0
_START = 4096


class Looked(msgspec.Struct, frozen=True):
    """The status of an answer, and the first 4 KB of what it says."""

    status: int
    start: bytes


async def look_at_address(method: str, url: str, headers: Mapping[str, str]) -> Looked:
    """Ask once, without a body. Raises Unavailable when nobody answers."""
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.request(method, url, headers=headers) as answer,
        ):
            return Looked(answer.status, await read_start(answer, _START))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(f"{url} did not answer ({type(error).__name__}).", code="no_answer") from error

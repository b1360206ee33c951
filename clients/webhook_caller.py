"""Calls customers' addresses: over https, only on the public internet, briefly, and following nobody elsewhere."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from ssl import SSLContext

import aiohttp
from yarl import URL

from clients.public_resolver import Forbidden, MayCall, PublicResolver
from engine.errors import Rejected, Unavailable
from engine.public_addresses import is_address, is_public

_TIMES = aiohttp.ClientTimeout(total=10.0, connect=5.0, sock_read=10.0)
_SUCCESSES = range(200, 300)
_LONGEST_SAID = 200


class WebhookCaller:
    """Makes one connection for each call. ``may_call`` says of an IP address whether it may be connected to."""

    def __init__(self, may_call: MayCall = is_public, tls: SSLContext | bool = True) -> None:
        self._may_call = may_call
        self._tls = tls

    async def call(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send it once to an address over https. Raises Unavailable or Rejected unless it is taken; nothing is read."""
        self._check(url)
        connector = aiohttp.TCPConnector(
            resolver=PublicResolver(self._may_call), use_dns_cache=False, force_close=True, ssl=self._tls
        )
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=_TIMES, trust_env=False) as session,
                session.post(
                    url, data=body, headers={**headers, "user-agent": "dd0c-cost"}, allow_redirects=False
                ) as answer,
            ):
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(_said(error)) from error
        if status in _SUCCESSES:
            return
        kind = Unavailable if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Rejected
        raise kind(f"It answered {status}.", code=str(status))

    def _check(self, url: str) -> None:
        """An IP address never meets the resolver, so it is looked at here, as it is read where it is connected to.

        Digits of other scripts and wide full stops are figures there.
        """
        try:
            host = URL(url).host or ""
        except ValueError as error:
            raise Rejected("That is no address.") from error
        if is_address(host) and not self._may_call(host):
            raise Rejected(f"{host} is in a private network, which is not called.")


def _said(error: Exception) -> str:
    forbidden = error if isinstance(error, Forbidden) else error.__cause__ or getattr(error, "os_error", None)
    if isinstance(forbidden, Forbidden):
        return str(forbidden)
    if isinstance(error, asyncio.TimeoutError):
        return f"It did not answer within {_TIMES.total:.0f} s."
    return f"It could not be reached ({type(error).__name__}: {error})"[:_LONGEST_SAID]

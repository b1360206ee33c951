"""``/metrics``: numbers for Prometheus, for this machine or for who has the token."""

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web

PATH = "/metrics"
_SCHEME = "Bearer "
# A reverse proxy on this machine comes from the loopback address too, but says for whom.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


def register(app: web.Application, render: Callable[[], Awaitable[bytes]], content_type: str, token: str) -> None:
    """Add the route. With a token only who has it reads; without one, only who asks from this machine itself.

    Everybody else is told that there is nothing.
    """

    async def handle_metrics(request: web.Request) -> web.Response:
        if not _may_read(request, token):
            raise web.HTTPNotFound
        return web.Response(body=await render(), headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    app.router.add_get(PATH, handle_metrics)


def _may_read(request: web.Request, token: str) -> bool:
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), (_SCHEME + token).encode())
    return _is_loopback(request.remote) and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(remote: str | None) -> bool:
    try:
        return ip_address(remote or "").is_loopback
    except ValueError:
        return False

"""Is the process alive, and can it work?"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from engine.errors import UpstreamError

Ping = Callable[[], Awaitable[None]]


def register(app: web.Application, ping: Ping) -> None:
    """Add ``/healthz`` (the process answers) and ``/readyz`` (the database does too)."""

    async def handle_health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def handle_ready(_request: web.Request) -> web.Response:
        try:
            await ping()
        except UpstreamError as error:
            return web.json_response({"status": "unavailable", "reason": str(error)}, status=503)
        return web.json_response({"status": "ok"})

    app.router.add_get("/healthz", handle_health)
    app.router.add_get("/readyz", handle_ready)

"""Whoever hangs up before all of their request was read hears no answer, and that is no fault of ours."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

_log = logging.getLogger(__name__)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def forgiven(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Count a request that broke off as a bad one; while we waited for the database its sender lost patience."""
    try:
        return await handler(request)
    except ConnectionError as error:
        if request.transport is not None:
            raise  # They are still there, so it was another connection that broke.
        _log.info("%s %s: whoever asked hung up before their request was read", request.method, request.path)
        raise web.HTTPBadRequest from error

"""Requests as operators see them: how long each route took and what it answered, with an id for the log."""

import time
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from engine.models.metrics import HTTP_REQUESTS
from services.correlation import correlated
from services.ports.watching import Meter, Tracer

_FAULT = 500
_ASKED_BY_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})
_NO_ROUTE = "none"
_OTHER = "OTHER"
REQUEST_ID = "X-Request-Id"

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def metered(meter: Meter, tracer: Tracer, new_id: Callable[[], str]) -> Middleware:
    """Give a middleware that counts and traces; what machines ask again and again is left out.

    Routes are named as they were registered, so what is in a path, such as an id, is told to nobody.
    """

    @web.middleware
    async def count(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.path in _ASKED_BY_MACHINES:
            return await handler(request)
        began, status, route, request_id = time.monotonic(), _FAULT, _route(request), new_id()
        try:
            with tracer.span(f"http {_method(request)} {route}"), correlated(request_id=request_id):
                answer = await handler(request)
            status = answer.status
            if not answer.prepared:
                answer.headers[REQUEST_ID] = request_id
            return answer
        except web.HTTPException as error:
            status = error.status
            error.headers[REQUEST_ID] = request_id
            raise
        finally:
            seconds = time.monotonic() - began
            meter.note(HTTP_REQUESTS, seconds, method=_method(request), route=route, status=f"{status // 100}xx")

    return count


def _method(request: web.Request) -> str:
    return request.method if request.method in hdrs.METH_ALL else _OTHER


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else _NO_ROUTE

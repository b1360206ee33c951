"""Requests as operators count them: each is an operation, and an error if the fault was ours."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from services.metering import Meter, Metric

_OURS = 500
_ASKED_BY_MACHINES = frozenset({"/healthz", "/readyz"})


def metered(meter: Meter) -> Middleware:
    """Give a middleware that counts; what load balancers ask again and again is left out."""

    @web.middleware
    async def count(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.path in _ASKED_BY_MACHINES:
            return await handler(request)
        meter.count(Metric.OPERATIONS)
        try:
            answer = await handler(request)
        except web.HTTPException as error:
            meter.count(Metric.ERRORS, int(error.status >= _OURS))
            raise
        except Exception:
            meter.count(Metric.ERRORS)
            raise
        meter.count(Metric.ERRORS, int(answer.status >= _OURS))
        return answer

    return count

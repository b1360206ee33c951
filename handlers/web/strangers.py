"""How often one address may come without saying who it is, whichever door it tries."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web

from handlers.web.client_address import ClientAddresses
from handlers.web.problems import Problem
from handlers.web.stopping import Stops
from services.rate_limits import RateLimits

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TITLE = "Too many at once"


class Doorman(msgspec.Struct, frozen=True):
    """``limits`` has a bucket for each address: a request at a door takes one, and so does each that nobody knows."""

    addresses: ClientAddresses
    limits: RateLimits


def register(app: web.Application, doorman: Doorman, stops: Stops, doors: frozenset[str]) -> None:
    """Refuse whoever comes too often.

    At ``doors``, the paths of routes that people take before they are known, each request counts. Elsewhere those do
    that are answered with 401: whoever is known is let in, however many others at the same address are not.
    """

    @web.middleware
    async def watch(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if _path(request) in doors:
            wait = doorman.limits.take(doorman.addresses.of(request))
            return too_often(stops, wait) if wait else await handler(request)
        answer = await handler(request)
        if answer.status != HTTPStatus.UNAUTHORIZED or answer.prepared:
            return answer
        wait = doorman.limits.take(doorman.addresses.of(request))
        return _problem(wait).response() if wait else answer

    app.middlewares.append(watch)


def too_often(stops: Stops, wait: int) -> web.Response:
    """A page that says how long to wait, in seconds; browsers and programs read the same from its header."""
    text = f"There were too many requests from your address. Wait {wait} s, then try again."
    answer = stops.page(HTTPStatus.TOO_MANY_REQUESTS, _TITLE, text, ())
    answer.headers[hdrs.RETRY_AFTER] = str(wait)
    return answer


def _problem(wait: int) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "There were too many requests from this address that nobody could be recognised by.",
        f"Wait {wait} s, and send a working API key.",
        headers={hdrs.RETRY_AFTER: str(wait)},
    )


def _path(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""

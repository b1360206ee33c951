"""The way of every request: who asks, how often, what for; then the route's handler; then its answer, or a problem."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel

from engine.errors import Conflict, InputError, NotFound, PlanLimit, UpstreamError
from engine.models.idempotency import StoredAnswer
from engine.models.identity import Identity
from engine.roles import NEEDS, may
from handlers.web.api.models import Nothing
from handlers.web.api.requests import parse_body, parse_params, read_body
from handlers.web.api.route import Call, Route, Stream
from handlers.web.api.services import ApiServices
from handlers.web.problems import Problem, not_recognised, unavailable
from services.idempotency import KeyInUse, Work, fingerprint_of

_log = logging.getLogger(__name__)
PREFIX = "/v1/"
_KEY = re.compile("[!-~]{1,255}")
# Where more are in work they would only wait for each other until their senders lose patience.
_MOST_AT_ONCE = 200
_CROWDED_SECONDS = 1
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_REFUSALS: Sequence[tuple[type[Exception], HTTPStatus, str]] = (
    (NotFound, HTTPStatus.NOT_FOUND, "Look for its id in the list it belongs to."),
    (Conflict, HTTPStatus.CONFLICT, "Read what holds now, and decide anew."),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY, "Correct that and send it again."),
)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def register(app: web.Application, routes: Sequence[Route], services: ApiServices) -> None:
    """Add all routes; whatever else is asked for below their prefix gets a problem too."""
    places = asyncio.Semaphore(_MOST_AT_ONCE)
    for route in routes:
        # Without the digits `/v1/accounts/setup` would be an account, too.
        path = route.path.replace("{account_id}", "{account_id:[0-9]+}")
        app.router.add_route(route.method, path, _served(route, services, places))
    app.middlewares.append(_as_problems)


def _served(route: Route, services: ApiServices, places: asyncio.Semaphore) -> _Handler:
    async def handle_call(request: web.Request) -> web.StreamResponse:
        try:
            return await _answer(route, services, request, places)
        except Exception as error:
            if _hung_up(error, request):
                raise
            return _problem_of(error, request, services).response()

    return handle_call


async def _answer(
    route: Route, services: ApiServices, request: web.Request, places: asyncio.Semaphore
) -> web.StreamResponse:
    identity = await _let_in(route, services, request)
    params = parse_params(route, request)
    body = await read_body(request)
    given = parse_body(route, request, body) or Nothing()
    if route.stream:
        return await _streamed(route, request, await route.handle(services, Call(identity, params, given, b"")))

    async def work(seed: bytes) -> StoredAnswer:
        return _stored(route, await route.handle(services, Call(identity, params, given, seed)))

    # A place is taken behind the body and for no stream: whoever sends or reads slowly keeps nobody out.
    if places.locked():
        raise unavailable("There are more requests than can be answered.", _CROWDED_SECONDS)
    async with places:
        stored = await _worked(route, services, request, identity, body, work)
    return web.Response(status=stored.status, text=stored.body or None, headers={**stored.headers, **_HEADERS})


async def _worked(  # noqa: PLR0917 - what is known of a request by then
    route: Route, services: ApiServices, request: web.Request, identity: Identity, body: bytes, work: Work
) -> StoredAnswer:
    if route.method == "GET":
        return await services.reads.ask((identity, request.path_qs), lambda: work(b""))
    key = _idempotency_key(request) if route.method == "POST" else ""
    asked = fingerprint_of(request.method, request.path_qs, body)
    return await services.idempotency.once(identity, key, asked, work)


async def _let_in(route: Route, services: ApiServices, request: web.Request) -> Identity:
    identity = await services.auth.identify(request.headers)
    if identity is None:
        raise not_recognised()
    if wait := services.limits.take(f"{identity.tenant_id}/{identity.subject}"):
        raise _too_many("with this key", wait)
    if wait := services.tenant_limits.take(identity.tenant_id):
        raise _too_many("with all keys of your workspace together", wait)
    _check_allowed(route, identity)
    return identity


def _too_many(how: str, wait: int) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"There were too many requests {how} in the last minute.",
        f"Wait {wait} s, then go on more slowly.",
        headers={"Retry-After": str(wait)},
    )


def _check_allowed(route: Route, identity: Identity) -> None:
    if route.scope not in identity.scopes:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"This needs the scope `{route.scope.value}`, which {identity.subject} has not.",
            f"Use a key with the scope `{route.scope.value}`.",
        )
    if not may(identity.role, route.deed):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"This needs the role `{NEEDS[route.deed].value}`, and {identity.subject} is `{identity.role.value}`.",
            "Ask an admin, who can also change roles.",
        )


def _idempotency_key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.",
            "A random UUID is a good one.",
        )
    return key or ""


def _stored(route: Route, answer: BaseModel | Stream | None) -> StoredAnswer:
    if not isinstance(answer, BaseModel):
        return StoredAnswer(status=HTTPStatus.NO_CONTENT, headers={}, body="")
    json_type = {"Content-Type": "application/json; charset=utf-8"}
    return StoredAnswer(status=route.status, headers=json_type, body=answer.model_dump_json())


async def _streamed(route: Route, request: web.Request, answer: BaseModel | Stream | None) -> web.StreamResponse:
    if not isinstance(answer, Stream):
        raise TypeError("a route that streams gives a stream")
    response = web.StreamResponse(
        headers={
            **_HEADERS,
            "Content-Type": route.media_type,
            "Content-Disposition": f'attachment; filename="{answer.filename}"',
        }
    )
    await response.prepare(request)
    try:
        async for line in answer.lines:
            await response.write(line)
    except Exception as error:
        _break_off(request, error)
        return response
    await response.write_eof()
    return response


def _break_off(request: web.Request, error: Exception) -> None:
    """No problem can follow what is sent already; without its last chunk nobody takes the answer for whole."""
    if request.transport is None:
        _log.info("%s %s: whoever asked hung up", request.method, request.path)
        return
    request.transport.abort()
    if isinstance(error, UpstreamError):
        _log.warning("%s %s broke off: %s", request.method, request.path, error)
    else:
        _log.error("%s %s broke off", request.method, request.path, exc_info=error)


def _problem_of(error: Exception, request: web.Request, services: ApiServices) -> Problem:
    """Say in HTTP's words what a use case refused. What nobody thought of is logged, and told without details."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, PlanLimit):
        return _beyond_plan(error, services.plans.upgrade_url)
    if isinstance(error, KeyInUse):
        wait = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        hint = "Wait for its answer." if wait else "Make a new key for each new request."
        return Problem(HTTPStatus.CONFLICT, str(error), hint, headers=wait)
    for kind, status, hint in _REFUSALS:
        if isinstance(error, kind):
            return Problem(status, str(error), hint)
    if isinstance(error, UpstreamError):
        _log.warning("%s %s: %s", request.method, request.path, error)
        return unavailable("A system behind dd0c/cost did not answer.", retry_after=5)
    return _fault(error, request)


def _fault(error: Exception, request: web.Request) -> Problem:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This is an error in dd0c/cost.",
        "Send it again later; under the same Idempotency-Key it takes effect once.",
    )


def _hung_up(error: Exception, request: web.Request) -> bool:
    """Whether nobody is there to hear an answer."""
    return isinstance(error, ConnectionError) and request.transport is None


def _beyond_plan(error: PlanLimit, upgrade_url: str) -> Problem:
    hint = f"An admin upgrades to Pro at {upgrade_url}; POST /v1/billing/checkout gives the checkout's own address."
    return Problem(HTTPStatus.FORBIDDEN, str(error), hint, more={"upgrade_url": upgrade_url})


@web.middleware
async def _as_problems(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Make problems of what aiohttp itself refuses (no such path, another method, a body it will not read), and of
    what failed where nobody thought of it."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        if not request.path.startswith(PREFIX) or refusal.status < HTTPStatus.BAD_REQUEST:
            raise
        return _refusal(refusal, request).response()
    except Exception as error:
        if not request.path.startswith(PREFIX) or _hung_up(error, request):
            raise
        return _fault(error, request).response()


def _refusal(refusal: web.HTTPException, request: web.Request) -> Problem:
    status = HTTPStatus(refusal.status)
    if status not in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        return Problem(status, f"The request was refused: {status.phrase}.", "Correct that and send it again.")
    allow = {"Allow": refusal.headers["Allow"]} if "Allow" in refusal.headers else {}
    detail = f"{request.method} is not served at this address."
    return Problem(status, detail, "/v1/reference lists what is.", headers=allow)

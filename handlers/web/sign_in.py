"""Signing in and out: the page, the way to a provider and back, and passwords of our own."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web

from engine.errors import AccessDenied, Conflict, NotFound, UpstreamError
from engine.models.session import Viewer
from engine.roles import Deed
from handlers.web.pages import Pages
from handlers.web.strangers import Doorman
from handlers.web.viewing import SIGN_IN, Cookies, Viewing, local_path, read_form, redirect
from services.admission import LOCAL
from services.rate_limits import RateLimits
from services.session_identities import SessionIdentities
from services.sessions import Sessions
from services.sign_ins import TICKET_LIFETIME, SignIns

_log = logging.getLogger(__name__)
RETURN = "/v1/sign-in/{way}/return"
LEAVE = SIGN_IN + "/{way}"
# Where people come before they are known.
DOORS = frozenset({SIGN_IN, LEAVE, RETURN})
_LABELS = {"slack": "Sign in with Slack", "oidc": "Sign in with your organisation", LOCAL: "Sign in"}
_REFUSED = "The provider did not let you in. Sign in again."
_AWAY = "The provider or our database did not answer. Try again in a minute."
_LONGEST_PASSWORD = 1000
# What browsers say of a form that comes from our own page, and of an address that a person typed.
_FROM_HERE = ("same-origin", "none")
_ELSEWHERE = "This form came from another page. Fill it in here."


class SignInParts(msgspec.Struct, frozen=True):
    """What the routes call.

    ``attempts`` bounds how often an address may try a password, ``attempts_at_name`` how often one name's is tried, and
    ``doorman`` how often an address may come at all before anybody is known there.
    """

    sign_ins: SignIns
    sessions: Sessions
    viewing: Viewing
    cookies: Cookies
    attempts: RateLimits
    attempts_at_name: RateLimits
    doorman: Doorman
    pages: Pages
    identities: SessionIdentities


def register(app: web.Application, parts: SignInParts) -> None:
    """Add the routes."""
    routes = _Routes(parts)
    app.router.add_get(SIGN_IN, routes.show, allow_head=False)
    app.router.add_post(SIGN_IN, routes.check_password)
    app.router.add_get(LEAVE, routes.leave, allow_head=False)
    app.router.add_get(RETURN, routes.come_back, allow_head=False)
    app.router.add_post("/sign-out", parts.viewing.form(routes.sign_out, Deed.LOOK))
    app.router.add_post("/sign-out-everywhere", parts.viewing.form(routes.sign_out_everywhere, Deed.LOOK))


class _Routes:
    def __init__(self, parts: SignInParts) -> None:
        self._parts = parts

    async def show(self, request: web.Request) -> web.Response:
        return self._page(local_path(request.query.get("next", "")))

    async def leave(self, request: web.Request) -> web.Response:
        """Send the browser to a provider, with a ticket in a cookie that it brings back."""
        after = local_path(request.query.get("next", ""))
        try:
            departure = await self._parts.sign_ins.begin(request.match_info["way"], after)
        except NotFound as error:
            return self._page(after, str(error), HTTPStatus.NOT_FOUND)
        except UpstreamError as error:
            return self._failed(after, error)
        response = redirect(departure.url)
        self._parts.cookies.set_ticket(response, departure.ticket, round(TICKET_LIFETIME.total_seconds()))
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """Let in who comes back from a provider."""
        query = request.query
        if "code" not in query:
            return self._page("", _REFUSED, HTTPStatus.FORBIDDEN)
        try:
            cookie, after = await self._parts.sign_ins.finish(
                request.match_info["way"],
                self._parts.cookies.ticket(request),
                query.get("state", ""),
                query["code"],
            )
        except UpstreamError as error:
            return self._failed("", error)
        except (NotFound, Conflict) as error:
            return self._page("", str(error), HTTPStatus.CONFLICT)
        return self._welcome(cookie, local_path(after))

    async def check_password(self, request: web.Request) -> web.Response:
        """Let in who has a password of ours. The form needs no token: who sends it proves who they are.

        Only another page's may not count: it would sign its visitors in as somebody else, who then sees what they do.
        """
        if request.headers.get("Sec-Fetch-Site", "none") not in _FROM_HERE:
            return self._page("", _ELSEWHERE, HTTPStatus.FORBIDDEN)
        form = await read_form(request)
        name, password = str(form.get("name", "")), str(form.get("password", ""))[:_LONGEST_PASSWORD]
        after = local_path(str(form.get("next", "")))
        if wait := self._wait(request, name):
            answer = self._page(after, f"Too many attempts. Try again in {wait} seconds.", HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers[hdrs.RETRY_AFTER] = str(wait)
            return answer
        try:
            cookie = await self._parts.sign_ins.with_password(name, password)
        except NotFound as error:
            return self._page(after, str(error), HTTPStatus.NOT_FOUND)
        except Conflict as error:
            return self._page(after, str(error), HTTPStatus.CONFLICT)
        except UpstreamError as error:
            return self._failed(after, error)
        return self._welcome(cookie, after)

    def _wait(self, request: web.Request, name: str) -> int:
        """Seconds. A name allows more than an address, so that no single address locks its owner out."""
        address = self._parts.doorman.addresses.of(request)
        return self._parts.attempts.take(address) or self._parts.attempts_at_name.take(name.strip()[:200].lower())

    async def sign_out(self, _request: web.Request, viewer: Viewer) -> web.StreamResponse:
        await self._parts.sessions.end(viewer)
        return self._gone()

    async def sign_out_everywhere(self, _request: web.Request, viewer: Viewer) -> web.StreamResponse:
        await self._parts.sessions.end_all(viewer)
        return self._gone()

    def _gone(self) -> web.Response:
        response = redirect(SIGN_IN)
        self._parts.cookies.drop(response)
        return response

    def _welcome(self, cookie: str, after: str) -> web.Response:
        response = redirect(after)
        self._parts.cookies.drop(response)
        self._parts.cookies.set_session(response, cookie)
        return response

    def _failed(self, after: str, error: UpstreamError) -> web.Response:
        if isinstance(error, AccessDenied):
            return self._page(after, str(error), HTTPStatus.FORBIDDEN)
        _log.warning("a sign-in failed: %s", error)
        return self._page(after, _AWAY, HTTPStatus.SERVICE_UNAVAILABLE)

    def _page(self, after: str, trouble: str = "", status: HTTPStatus = HTTPStatus.OK) -> web.Response:
        ways = self._parts.sign_ins.ways
        html = self._parts.pages.render(
            "sign_in",
            ways=[(way, _label(way, _LABELS)) for way in ways if way != LOCAL],
            with_password=LOCAL in ways,
            after=after,
            trouble=trouble,
        )
        return web.Response(status=status, text=html, headers=dict(self._parts.pages.headers))


def _label(way: str, labels: Mapping[str, str]) -> str:
    return labels.get(way, f"Sign in with {way}")

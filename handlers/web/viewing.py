"""Who looks at a page, by the cookie in their browser; and what a form must carry to count."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.hdrs import RETRY_AFTER
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiDictProxy

from engine.models.session import Viewer
from engine.roles import Deed, may
from services.rate_limits import RateLimits
from services.sessions import LIFETIME, Sessions, is_own_form

UNREADABLE = "What was sent cannot be read. Go back, reload the page, and send it again."
CSRF_FIELD = "csrf_token"
SIGN_IN = "/sign-in"
_TICKET = "ticket"
_SESSION = "session"
Handler = Callable[[web.Request, Viewer], Awaitable[web.StreamResponse]]


class Cookies:
    """The two cookies there are. Over https their names keep other hosts and paths from setting them."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._prefix = "__Host-dd0c_" if secure else "dd0c_"

    @property
    def session_name(self) -> str:
        """The name of the cookie that holds a session."""
        return self._prefix + _SESSION

    def session(self, request: web.Request) -> str:
        """What the browser holds; empty where it holds nothing."""
        return request.cookies.get(self.session_name, "")

    def ticket(self, request: web.Request) -> str:
        """What a sign-in under way brings back."""
        return request.cookies.get(self._prefix + _TICKET, "")

    def set_session(self, response: web.StreamResponse, value: str) -> None:
        """Keep somebody signed in."""
        self._set(response, _SESSION, value, round(LIFETIME.total_seconds()))

    def set_ticket(self, response: web.StreamResponse, value: str, seconds: int) -> None:
        """Remember a sign-in under way."""
        self._set(response, _TICKET, value, seconds)

    def drop(self, response: web.StreamResponse) -> None:
        """Forget both."""
        for name in (_SESSION, _TICKET):
            response.del_cookie(self._prefix + name, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _set(self, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            self._prefix + name,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )


class Viewing:
    """Lets in who signed in, each so often a minute (``visits``), and counts only forms that are ours."""

    def __init__(self, sessions: Sessions, cookies: Cookies, visits: RateLimits) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self.visits = visits

    async def find(self, request: web.Request) -> Viewer | None:
        """Who looks, None for anybody. Raises UpstreamError when the database is away."""
        return await self._sessions.find_viewer(self._cookies.session(request))

    def page(self, handle: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A page for who signed in; others are sent to sign in, and come back then."""

        async def handle_page(request: web.Request) -> web.StreamResponse:
            viewer = await self.find(request)
            if viewer is None:
                raise web.HTTPSeeOther(f"{SIGN_IN}?next={quote(request.path_qs, safe='')}")
            self._count(viewer)
            return await handle(request, viewer)

        return handle_page

    def form(self, handle: Handler, deed: Deed) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A form of a page: it must be ours, and whoever sends it must be allowed to."""

        async def handle_form(request: web.Request) -> web.StreamResponse:
            viewer = await self.find(request)
            if viewer is None:
                raise web.HTTPSeeOther(SIGN_IN)
            self._count(viewer)
            if not is_own_form(viewer, str((await read_form(request)).get(CSRF_FIELD, ""))):
                raise web.HTTPForbidden(text="This form is not from here, or too old. Go back, reload, send it again.")
            if not may(viewer.role, deed):
                raise web.HTTPForbidden(text=f"Your role is {viewer.role.value}: it does not suffice to {deed.value}.")
            return await handle(request, viewer)

        return handle_form

    def _count(self, viewer: Viewer) -> None:
        """One person is let in so often a minute, in however many browsers."""
        if wait := self.visits.take(f"{viewer.tenant_id}/{viewer.user_id}"):
            raise web.HTTPTooManyRequests(
                text=f"These were too many pages in a minute. Wait {wait} s, then go on.",
                headers={RETRY_AFTER: str(wait)},
            )


async def read_form(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
    """Read a form as a browser sends it. Raises HTTPBadRequest for what is none."""
    try:
        return await request.post()
    except (AssertionError, HttpProcessingError, LookupError, ValueError):
        # A boundary that lacks, a part's broken header, an unheard-of alphabet, letters that are none.
        raise web.HTTPBadRequest(text=UNREADABLE) from None


def local_path(given: str, otherwise: str = "/dashboard") -> str:
    """A path on this host, or ``otherwise``: a page may only lead on to our own.

    >>> local_path("/anomalies/1?x=2"), local_path("//evil.example"), local_path("https://evil.example/")
    ('/anomalies/1?x=2', '/dashboard', '/dashboard')
    """
    try:
        parts = urlsplit(given)
    except ValueError:
        return otherwise
    plain = given.isascii() and given.isprintable() and "\\" not in given
    is_local = not parts.scheme and not parts.netloc and given.startswith("/") and not given.startswith("//")
    return given if plain and is_local else otherwise


def redirect(path: str) -> web.Response:
    """Lead on after a form, so that reloading sends nothing twice."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})

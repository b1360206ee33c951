"""Pages that say why something does not go on, and where it does."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from aiohttp import web

from engine.errors import Conflict, InputError, NotFound, UpstreamError
from engine.models.session import Viewer
from engine.roles import NEEDS, Deed
from handlers.web.pages import Pages
from handlers.web.viewing import UNREADABLE

_log = logging.getLogger(__name__)
Links = Sequence[tuple[str, str]]
_Route = Callable[[web.Request], Awaitable[web.StreamResponse]]
_AWAY = "A system behind dd0c/cost did not answer. Nothing is lost: reload this page in a minute."
_UNKNOWN = "There is nothing at this address. If a link led you here, the support page says whom to tell."
_FAULT = "This is an error in dd0c/cost, and whoever runs it finds it in the log. Try again in a minute."
_API = "/v1/"
_DASHBOARD = ("/dashboard", "To the dashboard")
_SETUP: Links = (("/start", "Back to the setup"), _DASHBOARD)
_HOME: Links = (("/", "To the start page"), _DASHBOARD, ("/support", "Support"))
_MISSING = "It was disconnected meanwhile, or never begun with. Begin with its number."


class Stops:
    """Draws them."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def guarding(self, route: _Route) -> _Route:
        """The same route, with a page for whatever a use case refuses."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await route(request)
            except web.HTTPForbidden as refusal:
                return self.page(HTTPStatus.FORBIDDEN, "That was not done", refusal.text or "")
            except NotFound:
                return self.page(HTTPStatus.NOT_FOUND, "This AWS account is not here", _MISSING)
            except Conflict as error:
                return self.page(HTTPStatus.CONFLICT, "That has changed meanwhile", str(error))
            except InputError as error:
                return self.page(HTTPStatus.UNPROCESSABLE_ENTITY, "That is not possible", str(error))
            except UpstreamError as error:
                _log.warning("%s %s: %s", request.method, request.path, error)
                return self.page(HTTPStatus.SERVICE_UNAVAILABLE, "Try again in a minute", _AWAY)

        return handle

    def not_allowed(self, viewer: Viewer, deed: Deed) -> web.Response:
        """Somebody's role does not suffice."""
        text = f"To {deed.value} takes the role {NEEDS[deed].value}, and yours is {viewer.role.value}. Ask an admin."
        return self.page(HTTPStatus.FORBIDDEN, "Only admins can do that", text)

    def beyond_plan(self, why: str, upgrade_url: str) -> web.Response:
        """The plan covers no further account."""
        links = ((upgrade_url, "Upgrade to Pro"), *_SETUP)
        return self.page(HTTPStatus.FORBIDDEN, "Your plan covers no further account", why, links)

    def page(self, status: HTTPStatus, title: str, text: str, links: Links = _SETUP) -> web.Response:
        """One page with what there is to say, and (address, label) of the ways on, the best one first."""
        html = self._pages.render("stopped", heading=title, text=text, links=links)
        return web.Response(status=status, text=html, headers=self._pages.headers)


def register(app: web.Application, pages: Pages) -> None:
    """Show a page of ours for what no route takes, and where one fails; below /v1 the API tells programs itself."""
    stops = Stops(pages)

    @web.middleware
    async def as_page(request: web.Request, handler: _Route) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPClientError as refusal:
            if request.path.startswith(_API):
                raise
            status = HTTPStatus(refusal.status)
            is_nowhere = status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
            answer = stops.page(status, status.phrase, _UNKNOWN if is_nowhere else UNREADABLE, _HOME)
            if "Allow" in refusal.headers:
                answer.headers["Allow"] = refusal.headers["Allow"]
            return answer
        except web.HTTPException:
            raise
        except Exception:
            if request.path.startswith(_API):
                raise
            _log.exception("%s %s failed", request.method, request.path)
            return stops.page(HTTPStatus.INTERNAL_SERVER_ERROR, "That is our fault", _FAULT, _HOME)

    app.middlewares.append(as_page)

"""Pages that say why something does not go on, and where it does."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from engine.errors import Conflict, InputError, NotFound, UpstreamError
from engine.models.session import Viewer
from engine.roles import NEEDS, Deed
from handlers.web.pages import Pages

_log = logging.getLogger(__name__)
_Route = Callable[[web.Request], Awaitable[web.StreamResponse]]
_AWAY = "A system behind dd0c/cost did not answer. Nothing is lost: reload this page in a minute."
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
        return self.page(HTTPStatus.FORBIDDEN, "Your plan covers no further account", why, upgrade_url)

    def page(self, status: HTTPStatus, title: str, text: str, upgrade_url: str = "") -> web.Response:
        """One page with what there is to say."""
        html = self._pages.render("stopped", heading=title, text=text, upgrade_url=upgrade_url)
        return web.Response(status=status, text=html, headers=self._pages.headers)

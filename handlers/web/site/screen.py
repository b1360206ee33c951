"""From a viewer and what is to be shown to an answer; and refusals as pages that say what to do."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from blocks.unmarked import unmarked
from engine.errors import Conflict, InputError, NotFound, UpstreamError
from engine.models.session import Viewer
from engine.roles import Deed
from handlers.web.pages import Pages
from handlers.web.site.frame import DASHBOARD, Place, frame_of
from handlers.web.site.words import shown
from handlers.web.stopping import Stops
from handlers.web.viewing import Handler, Viewing

_log = logging.getLogger(__name__)
_AWAY = "Our database, or something else we need, did not answer. Nothing is lost: try again in a minute."
_GONE = "It does not exist, or not in your workspace. Look for it in the list of anomalies."
_WAY_ON = ((DASHBOARD, "To the dashboard"),)
_LONGEST_HINT = 600

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Screen:
    """Shows pages, and lets in who may see them."""

    def __init__(self, pages: Pages, viewing: Viewing) -> None:
        self._pages = pages
        self._stops = Stops(pages)
        self._viewing = viewing

    def page(self, handle: Handler) -> Answer:
        """A page for who is signed in."""
        return self._guarded(self._viewing.page(handle))

    def form(self, handle: Handler, deed: Deed) -> Answer:
        """A form that only somebody may send whose role suffices."""
        return self._guarded(self._viewing.form(handle, deed))

    def show(
        self, name: str, viewer: Viewer, place: Place, view: object, status: HTTPStatus = HTTPStatus.OK
    ) -> web.Response:
        """Render a template with ``frame`` and ``view``."""
        html = self._pages.render(name, frame=frame_of(viewer, place), view=view)
        return web.Response(status=status, text=html, headers=self._pages.headers)

    def trouble(self, status: int, hint: str) -> web.Response:
        """A page that says what is wrong and what to do."""
        text = shown(unmarked(hint), _LONGEST_HINT) or "Go back and try again."
        known = HTTPStatus(status)
        return self._stops.page(known, known.phrase, text, _WAY_ON)

    def _guarded(self, answer: Answer) -> Answer:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                return await answer(request)
            except web.HTTPClientError as refusal:
                return self.trouble(refusal.status, refusal.text or "")
            except NotFound:
                return self.trouble(HTTPStatus.NOT_FOUND, _GONE)
            except InputError as error:
                return self.trouble(HTTPStatus.BAD_REQUEST, str(error))
            except Conflict as error:
                return self.trouble(HTTPStatus.CONFLICT, str(error))
            except UpstreamError as error:
                _log.warning("the page %s failed: %s", request.path, error)
                return self.trouble(HTTPStatus.SERVICE_UNAVAILABLE, _AWAY)

        return guarded

"""The page on which an account is disconnected, also one whose number was mistyped, before Slack is there."""

from http import HTTPStatus

from aiohttp import web

from engine.models.session import Viewer
from engine.roles import Deed, may
from handlers.web.site.frame import START, frame_of
from handlers.web.start import ACCOUNT, WizardParts
from handlers.web.stopping import Stops
from handlers.web.viewing import redirect
from services.leaving import Departures

_PARTING = ACCOUNT + "/disconnect"


def register(app: web.Application, parts: WizardParts, departures: Departures) -> None:
    """Add the page and its form; only who may disconnect an account comes in."""
    stops = Stops(parts.pages)

    async def ask(request: web.Request, viewer: Viewer) -> web.StreamResponse:
        if not may(viewer.role, Deed.DISCONNECT):
            return stops.not_allowed(viewer, Deed.DISCONNECT)
        account = await parts.accounts.find_account(viewer.tenant_id, request.match_info["account_id"])
        html = parts.pages.render("start_disconnect", frame=frame_of(viewer, START), account=account)
        return web.Response(status=HTTPStatus.OK, text=html, headers=parts.pages.headers)

    async def part(request: web.Request, viewer: Viewer) -> web.StreamResponse:
        account_id = request.match_info["account_id"]
        await departures.disconnect(viewer.tenant_id, viewer.user_id, [account_id, account_id])
        return redirect(START)

    app.router.add_get(_PARTING, stops.guarding(parts.viewing.page(ask)), allow_head=False)
    app.router.add_post(_PARTING, stops.guarding(parts.viewing.form(part, Deed.DISCONNECT)))

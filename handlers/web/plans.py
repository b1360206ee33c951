"""Paying on the web: out to the payment provider, and back to a page that says where the plan stands.

The ways out are links, not forms: browsers hold redirects after a form to the page's own policy. A link changes nothing
here, and only an admin's own browser brings the session that it needs.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web

from engine.entitlements import FREE_ACCOUNTS, PRO_USD_A_MONTH
from engine.errors import Conflict, UpstreamError
from engine.models.session import Viewer
from engine.roles import Deed, may
from handlers.web.pages import Pages
from handlers.web.site.frame import PLAN, frame_of
from handlers.web.stopping import Stops
from handlers.web.viewing import Handler, Viewing, redirect
from services.plans import Plans
from services.rate_limits import RateLimits
from services.subscriptions import Subscriptions

_log = logging.getLogger(__name__)
CHECKOUT = PLAN + "/checkout"
PORTAL = PLAN + "/portal"


class PlanParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the routes call. ``subscriptions`` is None where nobody pays; ``visits`` bounds how often one tenant lets us
    ask the payment provider."""

    pages: Pages
    viewing: Viewing
    plans: Plans
    subscriptions: Subscriptions | None
    visits: RateLimits


def register(app: web.Application, parts: PlanParts) -> None:
    """Add the routes; only who may change the plan comes in."""
    routes = _Routes(parts)
    app.router.add_get(PLAN, routes.page(routes.show), allow_head=False)
    app.router.add_get(CHECKOUT, routes.page(routes.leave_to_pay), allow_head=False)
    app.router.add_get(PORTAL, routes.page(routes.leave_to_portal), allow_head=False)


class _Routes:
    def __init__(self, parts: PlanParts) -> None:
        self._parts = parts
        self._stops = Stops(parts.pages)

    def page(self, handle: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request, viewer: Viewer) -> web.StreamResponse:
            if not may(viewer.role, Deed.MANAGE_PLAN):
                return self._stops.not_allowed(viewer, Deed.MANAGE_PLAN)
            return await handle(request, viewer)

        return self._stops.guarding(self._parts.viewing.page(guarded))

    async def show(self, _request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """Where the plan stands, as the payment provider says now: its own message may come later than its customer."""
        is_fresh = not self._parts.visits.take(viewer.tenant_id) and await self._refresh(viewer.tenant_id)
        report = await self._parts.plans.report(viewer.tenant_id)
        html = self._parts.pages.render(
            "plan",
            frame=frame_of(viewer, PLAN),
            report=report,
            subscription=report.billing.subscription,
            is_fresh=is_fresh,
            free_accounts=FREE_ACCOUNTS,
            price=PRO_USD_A_MONTH,
            checkout_url=CHECKOUT,
            portal_url=PORTAL,
        )
        return web.Response(text=html, headers=self._parts.pages.headers)

    async def leave_to_pay(self, _request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """To the checkout."""
        if wait := self._parts.visits.take(viewer.tenant_id):
            return self._too_often(wait)
        try:
            return redirect(await self._parts.plans.open_checkout(viewer.tenant_id))
        except Conflict:  # It is Pro already, and the page says so.
            return redirect(PLAN)

    async def leave_to_portal(self, _request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """To bills, card and cancelling."""
        if wait := self._parts.visits.take(viewer.tenant_id):
            return self._too_often(wait)
        return redirect(await self._parts.plans.open_portal(viewer.tenant_id))

    def _too_often(self, wait: int) -> web.Response:
        text = f"The payment provider was asked very often. Wait {wait} s."
        answer = self._stops.page(HTTPStatus.TOO_MANY_REQUESTS, "Too many at once", text)
        answer.headers[hdrs.RETRY_AFTER] = str(wait)
        return answer

    async def _refresh(self, tenant_id: str) -> bool:
        """Whether what we know is of now."""
        if self._parts.subscriptions is None:
            return True
        try:
            await self._parts.subscriptions.refresh(tenant_id)
        except (UpstreamError, Conflict) as error:
            _log.warning("tenant %s: its plan could not be read for its page: %s", tenant_id, error)
            return False
        return True

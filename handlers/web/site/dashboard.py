"""The dashboard."""

import asyncio

from aiohttp import web

from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.search import Criteria
from engine.models.session import Viewer
from handlers.web.api.models import EARLIEST
from handlers.web.site.dashboard_view import Overview, dashboard_view
from handlers.web.site.frame import DASHBOARD
from handlers.web.site.screen import Screen
from handlers.web.site.services import SiteServices

_RECENT = 10
_TOLD = Criteria(
    since=EARLIEST,
    severities=tuple(Severity),
    decisions=(DecisionKind.ALERT,),
    statuses=tuple(AnomalyStatus),
)


class Dashboard:
    """Reads; never writes."""

    def __init__(self, services: SiteServices, screen: Screen) -> None:
        self._services = services
        self._screen = screen

    async def show(self, _request: web.Request, viewer: Viewer) -> web.Response:
        """How everything is."""
        services, tenant_id = self._services, viewer.tenant_id
        tenant, report, plan, month, (recent, _) = await asyncio.gather(
            services.tenants.find_tenant(tenant_id),
            services.reports.status(tenant_id),
            services.plans.report(tenant_id),
            services.months.estimate(tenant_id),
            services.anomalies.page(tenant_id, _TOLD, None, _RECENT),
        )
        anomalies = [one.anomaly for one in recent]
        known = Overview(tenant=tenant, report=report, plan=plan, month=month, anomalies=anomalies)
        return self._screen.show("dashboard", viewer, DASHBOARD, dashboard_view(known, viewer.role))

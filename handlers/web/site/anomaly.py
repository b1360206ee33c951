"""The page of one anomaly, and what is said there."""

import asyncio
import re
from datetime import timedelta

from aiohttp import web

from engine.errors import InputError, NotFound
from engine.hiding import Hidden
from engine.models.anomaly import Anomaly
from engine.models.session import Viewer
from engine.reasons import id_in
from handlers.web.api.models import ID
from handlers.web.api.verdicts import Said, record
from handlers.web.site.anomaly_view import Told, anomaly_view
from handlers.web.site.frame import ANOMALIES
from handlers.web.site.people import find_names
from handlers.web.site.rows import path_of
from handlers.web.site.screen import Screen
from handlers.web.site.services import SiteServices
from handlers.web.site.verdict_forms import SNOOZES, may_snooze, outcome_of, undo_id, verdict_forms
from handlers.web.viewing import redirect

_RECORDS = 10
_LONGEST_REVISION = 20


class AnomalyPage:
    """Shows an anomaly, and records verdicts as its card's buttons do."""

    def __init__(self, services: SiteServices, screen: Screen) -> None:
        self._services = services
        self._screen = screen

    async def show(self, request: web.Request, viewer: Viewer) -> web.Response:
        """The story of one. Raises NotFound, also for another tenant's."""
        now = self._services.clock()
        told = await self._read(viewer.tenant_id, _id_in(request))
        outcome = request.query.get("answer", "")
        hidden = await self._hidden(viewer, told.anomaly)
        forms = verdict_forms(told.anomaly, viewer.role, told.names, now, outcome=outcome, hidden=hidden)
        return self._screen.show("anomaly", viewer, ANOMALIES, anomaly_view(told, forms, now))

    async def _hidden(self, viewer: Viewer, anomaly: Anomaly) -> Hidden | None:
        """What a snooze would have hidden, for who may snooze it."""
        if not may_snooze(anomaly, viewer.role):
            return None
        return await self._services.findings.hidden_by_snooze(viewer.tenant_id, anomaly)

    async def say(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Record a verdict. A second click changes nothing, and the page says so."""
        form = await request.post()
        anomaly_id = _id_in(request)
        said, span = _said(str(form.get("verdict", ""))), SNOOZES.get(str(form.get("span", "")), timedelta(hours=24))
        seen = str(form.get("revision", ""))[:_LONGEST_REVISION]
        answer = await record(
            self._services.verdicts,
            (viewer.tenant_id, anomaly_id, viewer.user_id),
            said,
            span,
            undo_id=undo_id(anomaly_id, seen),
        )
        return redirect(f"{path_of(answer.anomaly)}?answer={outcome_of(changed=answer.changed)}")

    async def _read(self, tenant_id: str, anomaly_id: str) -> Told:
        services = self._services
        found = await services.anomalies.find(tenant_id, anomaly_id)
        account_name, verdicts, records = await asyncio.gather(
            self._account_name(tenant_id, found.anomaly),
            services.anomalies.find_verdicts(tenant_id, anomaly_id),
            services.findings.find_records(tenant_id, found.anomaly, _RECORDS),
        )
        people = [
            found.anomaly.status_by,
            id_in(found.anomaly.decision.reason),
            *(one.user_id for one in reversed(verdicts)),
        ]
        return Told(
            anomaly=found.anomaly,
            account_name=account_name,
            slack_url=found.slack_message_url,
            verdicts=verdicts,
            records=records[:_RECORDS],
            names=await find_names(services.users, tenant_id, people),
        )

    async def _account_name(self, tenant_id: str, anomaly: Anomaly) -> str:
        try:
            return (await self._services.accounts.find_account(tenant_id, anomaly.account_id)).name
        except NotFound:
            return ""


def _id_in(request: web.Request) -> str:
    anomaly_id = request.match_info["anomaly_id"]
    if not re.fullmatch(ID, anomaly_id):
        raise NotFound("No anomaly has such an id.")
    return anomaly_id


def _said(text: str) -> Said:
    try:
        return Said(text)
    except ValueError:
        raise InputError("That is no answer that an anomaly has. Go back and choose one of its buttons.") from None

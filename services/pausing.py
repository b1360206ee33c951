"""Panic mode: a tenant's alerts are paused, and later one summary tells what was found meanwhile."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.governance import PAUSED
from engine.models.account import Tenant
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind, Severity
from engine.models.delivery import DeliveryState
from engine.models.pause import Paused, Resumed
from engine.models.post import PauseNotice, Post, ResumeNotice
from engine.models.search import Criteria
from services.anomaly_rows import rows_of
from services.ports import Accounts, AnomalySearch, Clock, Pauses, Tenants

_SHOWN = 5
_MOST_LOOKED_AT = 1000
# Records come up to ninety minutes late, so what was found during a pause may have happened before it.
_LATENESS = timedelta(minutes=90)


class Pausing:
    """Pauses and resumes; the alert channel is told of both."""

    def __init__(
        self,
        *,
        tenants: Tenants,
        accounts: Accounts,
        pauses: Pauses,
        search: AnomalySearch,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._accounts = accounts
        self._pauses = pauses
        self._search = search
        self._clock = clock

    async def pause(self, tenant_id: str, user_id: str) -> Paused:
        """Send no card any more; what is found is scored and logged."""
        tenant = await self._tenants.find_tenant(tenant_id)
        now = self._clock()
        if tenant.panic_mode:
            return Paused(tenant.paused_at or now, tenant.paused_by, newly=False)
        held = await self._pauses.pause(tenant_id, user_id, now, _post(tenant, "pause", PauseNotice(by=user_id), now))
        if held is None:
            return await self.pause(tenant_id, user_id)
        return Paused(now, user_id, held=held)

    async def resume(self, tenant_id: str, user_id: str) -> Resumed:
        """Alert again; one summary goes to the alert channel, and no card for what is past."""
        tenant = await self._tenants.find_tenant(tenant_id)
        if not tenant.panic_mode:
            return Resumed(None, user_id)
        resumed, now = await self._summary(tenant, user_id), self._clock()
        notice = _post(tenant, "resume", ResumeNotice(resumed=resumed), now)
        if not await self._pauses.resume(tenant_id, user_id, now, notice):
            return Resumed(None, user_id)
        return resumed

    async def _summary(self, tenant: Tenant, user_id: str) -> Resumed:
        since = tenant.paused_at or self._clock()
        found, accounts = await asyncio.gather(
            self._search.find_page(tenant.tenant_id, _criteria(since), skip=0, limit=_MOST_LOOKED_AT),
            self._accounts.find_accounts(tenant.tenant_id),
        )
        kept = _dearest_first([one for one in found if one.decision.reason == PAUSED])
        return Resumed(
            since=since,
            by=user_id,
            rows=rows_of(kept[:_SHOWN], accounts),
            total=len(kept),
            hourly_cost=sum(one.running_hourly_cost for one in kept),
        )


def _post(tenant: Tenant, word: str, content: PauseNotice | ResumeNotice, now: datetime) -> Post | None:
    """The notice on its way to the alert channel; nobody is told where there is neither a channel nor an installer."""
    channel_id = tenant.alert_channel_id or tenant.installer_user_id
    if not channel_id:
        return None
    return Post(
        post_id=f"{word}:{now.isoformat()}",
        content=content,
        channel_id=channel_id,
        state=DeliveryState.PENDING,
        due_at=now,
        created_at=now,
    )


def _criteria(since: datetime) -> Criteria:
    return Criteria(
        since=since - _LATENESS,
        severities=(Severity.WARNING, Severity.CRITICAL),
        decisions=(DecisionKind.LOG,),
        statuses=tuple(AnomalyStatus),
    )


def _dearest_first(anomalies: Sequence[Anomaly]) -> list[Anomaly]:
    return sorted(anomalies, key=lambda one: -(one.upfront_cost or one.hourly_cost))

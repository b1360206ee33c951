"""What was found while nobody was told of anything, and the message that says so at the end."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.governance import UNTOLD
from engine.models.account import Tenant
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind, Severity
from engine.models.delivery import DeliveryState
from engine.models.pause import Resumed
from engine.models.post import PauseNotice, Post, ResumeNotice
from engine.models.search import Criteria
from engine.routing import home_channel
from services.anomaly_rows import rows_of
from services.ports import Accounts, AnomalySearch

_SHOWN = 5
_MOST_LOOKED_AT = 1000
# Records come up to ninety minutes late, so what was found during a pause may have happened before it.
_LATENESS = timedelta(minutes=90)


class PauseSummaries:
    """Sums up what was found and not told."""

    def __init__(self, accounts: Accounts, search: AnomalySearch) -> None:
        self._accounts = accounts
        self._search = search

    async def sum_up(self, tenant_id: str, since: datetime, by: str = "") -> Resumed:
        """All that was logged since then only because alerting was paused, by whoever it was."""
        found, accounts = await asyncio.gather(
            self._search.find_page(tenant_id, _criteria(since), skip=0, limit=_MOST_LOOKED_AT),
            self._accounts.find_accounts(tenant_id),
        )
        kept = _dearest_first([one for one in found if one.decision.reason in UNTOLD])
        return Resumed(
            since=since,
            by=by,
            rows=rows_of(kept[:_SHOWN], accounts),
            total=len(kept),
            hourly_cost=sum(one.running_hourly_cost for one in kept),
        )


def first_of(*moments: datetime | None) -> datetime | None:
    """The earliest of those that are known."""
    return min((one for one in moments if one is not None), default=None)


def notice_post(tenant: Tenant, post_id: str, content: PauseNotice | ResumeNotice, now: datetime) -> Post | None:
    """The notice on its way to the alert channel; nobody is told where there is neither a channel nor an admin."""
    channel_id = home_channel(tenant)
    if not channel_id:
        return None
    return Post(
        post_id=post_id,
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

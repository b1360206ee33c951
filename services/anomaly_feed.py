"""A tenant's anomalies for programs: page after page, each with where its card stands."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from engine.models.account import Tenant
from engine.models.anomaly import Anomaly
from engine.models.delivery import Delivery
from engine.models.search import Criteria, Position
from engine.models.verdict import Verdict
from services.ports import Anomalies, AnomalySearch, Tenants

_REDIRECT = "https://slack.com/app_redirect"


class Shown(msgspec.Struct, frozen=True):
    """An anomaly, and the address of its card; empty where it has none."""

    anomaly: Anomaly
    slack_message_url: str


class AnomalyFeed:
    """Reads; never writes."""

    def __init__(self, tenants: Tenants, anomalies: Anomalies, search: AnomalySearch) -> None:
        self._tenants = tenants
        self._anomalies = anomalies
        self._search = search

    async def page(
        self, tenant_id: str, criteria: Criteria, after: Position | None, limit: int
    ) -> tuple[list[Shown], Position | None]:
        """Give at most ``limit`` that stand behind ``after``, newest first, and where the next page begins, if any."""
        found = await self._search.find_behind(tenant_id, criteria, after, limit + 1)
        shown = await self.show(tenant_id, *found[:limit])
        last = found[limit - 1] if len(found) > limit else None
        return shown, Position(last.last_event_time, last.anomaly_id) if last else None

    async def find(self, tenant_id: str, anomaly_id: str) -> Shown:
        """Raise NotFound when this tenant has none of that id."""
        [shown] = await self.show(tenant_id, await self._anomalies.find_anomaly(tenant_id, anomaly_id))
        return shown

    async def find_verdicts(self, tenant_id: str, anomaly_id: str) -> list[Verdict]:
        """What people said of one, oldest first. Raises NotFound."""
        await self._anomalies.find_anomaly(tenant_id, anomaly_id)
        return await self._anomalies.find_verdicts(tenant_id, anomaly_id)

    async def show(self, tenant_id: str, *anomalies: Anomaly) -> list[Shown]:
        """Add where their cards stand."""
        tenant, deliveries = await asyncio.gather(
            self._tenants.find_tenant(tenant_id),
            self._search.find_deliveries(tenant_id, [one.anomaly_id for one in anomalies]),
        )
        return [Shown(one, _address(tenant, deliveries, one.anomaly_id)) for one in anomalies]


def _address(tenant: Tenant, deliveries: Mapping[str, Delivery], anomaly_id: str) -> str:
    delivery = deliveries.get(anomaly_id)
    if delivery is None or not delivery.message_ts:
        return ""
    where = {"team": tenant.team_id, "channel": delivery.channel_id, "message_ts": delivery.message_ts}
    return f"{_REDIRECT}?{urlencode(where)}"

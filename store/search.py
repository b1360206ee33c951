"""Looking among a tenant's anomalies."""

from collections.abc import Sequence

from engine.models.anomaly import Anomaly
from engine.models.delivery import Delivery
from engine.models.search import Criteria, Position
from store.codec import Document, clean, within
from store.database import NEWEST_FIRST, OLDEST_FIRST, Database, find_all
from store.errors import translated

_AFTER_ALL = "\uffff"
_NEWEST_FIRST = {"last_event_time": NEWEST_FIRST, "anomaly_id": OLDEST_FIRST}


class Search:
    """Reads the collection ``anomalies``, and in ``outbox`` where their cards stand."""

    def __init__(self, database: Database) -> None:
        self._anomalies = database.anomalies
        self._outbox = database.outbox

    @translated
    async def find_page(self, tenant_id: str, criteria: Criteria, *, skip: int, limit: int) -> list[Anomaly]:
        """Those that meet the criteria, newest first."""
        query = _query(tenant_id, criteria)
        return await find_all(self._anomalies, Anomaly, query, sort=_NEWEST_FIRST, skip=skip, limit=limit)

    @translated
    async def find_behind(
        self, tenant_id: str, criteria: Criteria, after: Position | None, limit: int
    ) -> list[Anomaly]:
        """Those that meet the criteria and stand behind a position, newest first."""
        query = _query(tenant_id, criteria)
        if after is not None:
            same_time = {"last_event_time": after.last_event_time, "anomaly_id": {"$gt": clean(after.anomaly_id)}}
            query["$or"] = [{"last_event_time": {"$lt": after.last_event_time}}, same_time]
        return await find_all(self._anomalies, Anomaly, query, sort=_NEWEST_FIRST, limit=limit)

    @translated
    async def find_deliveries(self, tenant_id: str, anomaly_ids: Sequence[str]) -> dict[str, Delivery]:
        """Anomaly id -> delivery, for those that have or are to have a card."""
        query = within(tenant_id, anomaly_id={"$in": list(anomaly_ids)})
        return {one.anomaly_id: one for one in await find_all(self._outbox, Delivery, query)}

    @translated
    async def count(self, tenant_id: str, criteria: Criteria) -> int:
        """How many meet the criteria."""
        return await self._anomalies.count_documents(_query(tenant_id, criteria))

    @translated
    async def find_named(self, tenant_id: str, anomaly_ids: Sequence[str]) -> list[Anomaly]:
        """Those of these ids that are there."""
        return await find_all(self._anomalies, Anomaly, within(tenant_id, anomaly_id={"$in": list(anomaly_ids)}))

    @translated
    async def find_by_prefix(self, tenant_id: str, prefix: str, limit: int) -> list[Anomaly]:
        """Those whose id begins like this."""
        query = within(tenant_id, anomaly_id={"$gte": prefix, "$lt": prefix + _AFTER_ALL})
        return await find_all(self._anomalies, Anomaly, query, limit=limit)


def _query(tenant_id: str, criteria: Criteria) -> Document:
    account = {} if criteria.account_id is None else {"account_id": criteria.account_id}
    actor = {} if criteria.actor_key is None else {"actor.key": criteria.actor_key}
    until = {} if criteria.until is None else {"$lte": criteria.until}
    return within(
        tenant_id,
        last_event_time={"$gte": criteria.since, **until},
        severity={"$in": [one.value for one in criteria.severities]},
        status={"$in": [one.value for one in criteria.statuses]},
        **{"decision.kind": {"$in": [one.value for one in criteria.decisions]}},
        **account,
        **actor,
    )

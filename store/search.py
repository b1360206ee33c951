"""Looking among a tenant's anomalies."""

from engine.models.anomaly import Anomaly
from engine.models.search import Criteria
from store.codec import Document, within
from store.database import NEWEST_FIRST, OLDEST_FIRST, Database, find_all
from store.errors import translated

_AFTER_ALL = "\uffff"


class Search:
    """Reads the collection ``anomalies``."""

    def __init__(self, database: Database) -> None:
        self._anomalies = database.anomalies

    @translated
    async def find_page(self, tenant_id: str, criteria: Criteria, *, skip: int, limit: int) -> list[Anomaly]:
        """Those that meet the criteria, newest first."""
        newest_first = {"last_event_time": NEWEST_FIRST, "anomaly_id": OLDEST_FIRST}
        query = _query(tenant_id, criteria)
        return await find_all(self._anomalies, Anomaly, query, sort=newest_first, skip=skip, limit=limit)

    @translated
    async def count(self, tenant_id: str, criteria: Criteria) -> int:
        """How many meet the criteria."""
        return await self._anomalies.count_documents(_query(tenant_id, criteria))

    @translated
    async def find_by_prefix(self, tenant_id: str, prefix: str, limit: int) -> list[Anomaly]:
        """Those whose id begins like this."""
        query = within(tenant_id, anomaly_id={"$gte": prefix, "$lt": prefix + _AFTER_ALL})
        return await find_all(self._anomalies, Anomaly, query, limit=limit)


def _query(tenant_id: str, criteria: Criteria) -> Document:
    account = {} if criteria.account_id is None else {"account_id": criteria.account_id}
    return within(
        tenant_id,
        last_event_time={"$gte": criteria.since},
        severity={"$in": [one.value for one in criteria.severities]},
        status={"$in": [one.value for one in criteria.statuses]},
        **{"decision.kind": {"$in": [one.value for one in criteria.decisions]}},
        **account,
    )

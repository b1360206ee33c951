"""What ``/dd0c anomalies`` and ``/dd0c explain`` answer."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.command_line.words import shown
from engine.errors import InvalidCommand, NotFound
from engine.hiding import Hidden, hidden_by_snooze
from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind, Severity
from engine.models.cost_event import CostEvent
from engine.models.report import AnomalyList
from engine.models.search import AnomalyQuery, Criteria, Explanation
from services.account_names import choose_accounts
from services.anomaly_rows import rows_of
from services.ports import Accounts, Anomalies, AnomalySearch, Clock, Outbox

ROWS = 10
UNSETTLED = (AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED, AnomalyStatus.SNOOZED)
_SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)
_TOLD = (DecisionKind.ALERT,)
_NOT_TOLD = (DecisionKind.DIGEST, DecisionKind.LOG)
_LEAST_OF_AN_ID = 4
_LOOK_BACK = timedelta(days=30)
_MOST_LOOKED_AT = 1000
_MOST_NAMED = 5


class Findings:
    """Reads; never writes."""

    def __init__(
        self, *, accounts: Accounts, anomalies: Anomalies, search: AnomalySearch, outbox: Outbox, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._anomalies = anomalies
        self._search = search
        self._outbox = outbox
        self._clock = clock

    async def list_anomalies(self, tenant_id: str, query: AnomalyQuery) -> AnomalyList:
        """One page of what is asked for, newest first; behind the last page stands the last.

        Raises InvalidCommand for an account that is not connected.
        """
        accounts = await self._accounts.find_accounts(tenant_id)
        criteria = _criteria(query, accounts, self._clock())
        still_open = msgspec.structs.replace(criteria, statuses=UNSETTLED)
        total, open_count = await asyncio.gather(
            self._search.count(tenant_id, criteria), self._search.count(tenant_id, still_open)
        )
        pages = max(1, -(-total // ROWS))
        page = min(query.page, pages)
        found = await self._search.find_page(tenant_id, criteria, skip=(page - 1) * ROWS, limit=ROWS)
        held = await self._outbox.find_held_now(tenant_id, [one.anomaly_id for one in found])
        return AnomalyList(
            rows=rows_of(found, accounts, held),
            total=total,
            open_count=open_count,
            since=criteria.since,
            query=msgspec.structs.replace(query, page=page, account=criteria.account_id or ""),
            pages=pages,
        )

    async def explain(self, tenant_id: str, given_id: str) -> Explanation:
        """All that is known of one anomaly, also of one that nobody was told of.

        The first characters of its id suffice. Raises InvalidCommand when they are too few or fit several, NotFound
        when they fit none.
        """
        anomaly = await self._find(tenant_id, given_id.strip().lower())
        accounts, verdicts, delivery = await asyncio.gather(
            self._accounts.find_accounts(tenant_id),
            self._anomalies.find_verdicts(tenant_id, anomaly.anomaly_id),
            self._outbox.find_delivery(tenant_id, anomaly.anomaly_id),
        )
        names = {one.account_id: one.name for one in accounts}
        name = names.get(anomaly.account_id, "")
        return Explanation(anomaly=anomaly, account_name=name, verdicts=tuple(verdicts), delivery=delivery)

    async def hidden_by_snooze(self, tenant_id: str, snoozed: Anomaly) -> Hidden:
        """What a snooze of this anomaly would have hidden in the last 30 days."""
        now = self._clock()
        criteria = Criteria(
            since=now - _LOOK_BACK,
            severities=_SEVERITIES,
            decisions=_TOLD,
            statuses=tuple(AnomalyStatus),
            account_id=snoozed.account_id,
        )
        found = await self._search.find_page(tenant_id, criteria, skip=0, limit=_MOST_LOOKED_AT)
        return hidden_by_snooze(snoozed, found, now)

    async def find_records(self, tenant_id: str, anomaly: Anomaly, most: int) -> list[CostEvent]:
        """The cost events of the first records that joined an anomaly, by time; none where they have expired."""
        found = await self._anomalies.find_cost_events(tenant_id, anomaly.account_id, anomaly.event_ids[:most])
        return sorted(found, key=lambda event: (event.event_time, event.event_id, event.part))

    async def _find(self, tenant_id: str, given_id: str) -> Anomaly:
        if len(given_id) < _LEAST_OF_AN_ID:
            raise InvalidCommand(
                f"Which anomaly? Say `/dd0c explain` with at least {_LEAST_OF_AN_ID} characters of its id; "
                "`/dd0c anomalies` shows the ids, and `/dd0c anomalies --suppressed` those of what nobody was told of."
            )
        found = await self._search.find_by_prefix(tenant_id, given_id, _MOST_NAMED)
        if not found:
            raise NotFound(f"There is no anomaly {shown(given_id)}. `/dd0c anomalies` shows the ids.")
        if len(found) > 1:
            named = ", ".join(shown(one.anomaly_id) for one in found)
            raise InvalidCommand(f"Several anomalies begin with {shown(given_id)}: {named}. Say more of the id.")
        return found[0]


def _criteria(query: AnomalyQuery, accounts: Sequence[AwsAccount], now: datetime) -> Criteria:
    account_id = choose_accounts(accounts, query.account)[0].account_id if query.account else None
    return Criteria(
        since=now - query.span,
        severities=_SEVERITIES[_SEVERITIES.index(query.severity) :],
        decisions=_NOT_TOLD if query.suppressed else _TOLD,
        statuses=UNSETTLED if query.open_only else tuple(AnomalyStatus),
        account_id=account_id,
    )

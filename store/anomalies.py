"""Findings, and what people said about them."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import DeleteMany, DeleteOne, InsertOne

from engine.audit import of_verdict
from engine.baselines.model import Baseline
from engine.errors import Conflict, NotFound
from engine.models.account import TrackRecord
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind, Severity
from engine.models.cost_event import CostEvent
from engine.models.verdict import Forgotten, Label, Verdict
from engine.models.work import WorkItem
from store.audit import Audit
from store.baselines import Baselines
from store.codec import Document, decode, encode, plain, within
from store.database import NEWEST_FIRST, OLDEST_FIRST, Database, Write, find_all, write_all
from store.errors import translated
from store.outbox import bumps
from store.system import System
from store.transactions import Session

_UNSETTLED = [AnomalyStatus.OPEN.value, AnomalyStatus.ACKNOWLEDGED.value, AnomalyStatus.SNOOZED.value]
# What had been announced says nothing of how good the alerts are: nobody would have been asked, and nobody labelled it.
# What only runs on longer than its like, and so ``is_weak``, never made a card either.
_WORTH_A_CARD: Document = {
    "$or": [
        {"decision.kind": DecisionKind.ALERT.value},
        {"severity": {"$ne": Severity.INFO.value}, "score": {"$gte": 1.0}},
    ],
    "$nor": [
        {"status": AnomalyStatus.EXPECTED.value, "status_by": ""},
        {"signals": {"$size": 1}, "signals.0.name": "overrun", "decision.safety_net": {"$ne": True}},
    ],
}
_BY_ACCOUNT: Document = {
    "$group": {
        "_id": "$account_id",
        "alerts": {"$sum": 1},
        "verdicts": {"$sum": {"$cond": [{"$ne": ["$status_by", ""]}, 1, 0]}},
        "expected": {"$sum": {"$cond": [{"$eq": ["$status", AnomalyStatus.EXPECTED.value]}, 1, 0]}},
    }
}


class Anomalies:
    """The collections ``anomalies``, ``verdicts``, ``expectations`` and ``snoozes``, and a look at ``cost_events``."""

    def __init__(self, database: Database, baselines: Baselines, system: System, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._baselines = baselines
        self._system = system

    @translated
    async def find_anomaly(self, tenant_id: str, anomaly_id: str) -> Anomaly:
        """Raise NotFound when this tenant has none of that id."""
        document = await self._database.anomalies.find_one(within(tenant_id, anomaly_id=anomaly_id))
        if document is None:
            raise NotFound(f"There is no anomaly {anomaly_id!r}.")
        return decode(Anomaly, document)

    @translated
    async def find_anomalies(self, tenant_id: str, *, since: datetime, limit: int) -> list[Anomaly]:
        """Those whose last record is not older than ``since``, newest first; logged ones are left out."""
        told = {"decision.kind": {"$ne": DecisionKind.LOG.value}}
        query = within(tenant_id, last_event_time={"$gte": since}, **told)
        newest_first = {"last_event_time": NEWEST_FIRST}
        return await find_all(self._database.anomalies, Anomaly, query, sort=newest_first, limit=limit)

    @translated
    async def count_unsettled(self, tenant_id: str, *, since: datetime) -> int:
        """How many people were told of whose last record is not older than ``since``, and have not judged."""
        told = {"decision.kind": DecisionKind.ALERT.value}
        query = within(tenant_id, last_event_time={"$gte": since}, status={"$in": _UNSETTLED}, **told)
        return await self._database.anomalies.count_documents(query)

    async def find_snoozed_before(self, until: datetime, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants whose snooze ended by ``until``."""
        return await self._system.find_snoozed_before(until, limit)

    @translated
    async def find_track_records(self, tenant_id: str) -> dict[str, TrackRecord]:
        """Account id -> how its alerts did, for every account of the tenant that has any."""
        rows = self._database.anomalies.aggregate([{"$match": within(tenant_id, **_WORTH_A_CARD)}, _BY_ACCOUNT])
        return {row["_id"]: decode(TrackRecord, row) async for row in rows}

    @translated
    async def find_cost_events(self, tenant_id: str, account_id: str, event_ids: Sequence[str]) -> list[CostEvent]:
        """Return all parts of the events that are still kept, in the order of their times."""
        query = within(tenant_id, account_id=account_id, event_id={"$in": list(event_ids)})
        found = await find_all(self._database.cost_events, CostEvent, query)
        return sorted(found, key=lambda event: (event.event_time, event.event_id, event.part))

    @translated
    async def record_verdicts(self, tenant_id: str, labels: Sequence[Label], now: datetime) -> None:
        """Replace an anomaly by what the last of its labels makes of it if nobody changed it meanwhile (else Conflict),
        and bump its card.

        Each label begins where the one before it ended. What is given with one, an expectation or a snooze, is
        inserted. When a label does not carry on an ``expectation_id``, that expectation is withdrawn; a snooze ends
        with its status or with the next one. A batch of the account that was loaded before is judged again. The audit
        log records every verdict.
        """
        database = self._database
        before, after = labels[0].before, labels[-1].after
        verdicts = [encode(tenant_id, one.verdict) for one in labels]
        expectations = [write for one in labels for write in _expectation_writes(tenant_id, one)]
        snoozes = [write for one in labels for write in _snooze_writes(tenant_id, one)]
        records = [of_verdict(one.verdict) for one in labels]

        async def write(session: Session | None) -> None:
            await replace_anomaly(database, tenant_id, before, after, session)
            await self._baselines.touch(tenant_id, after.account_id, session)
            await database.verdicts.insert_many(verdicts, session=session)
            await write_all(database.expectations, expectations, session)
            await write_all(database.snoozes, snoozes, session)
            await write_all(database.outbox, bumps(tenant_id, [after], now), session)
            await self._audit.add_all(tenant_id, records, session)

        await database.transaction(write)

    async def find_unlearned(self, before: datetime, limit: int) -> list[WorkItem]:
        """LEARN_VERDICT work of all tenants that was recorded before that time and not done."""
        return await self._system.find_unlearned(before, limit)

    @translated
    async def find_verdict(self, tenant_id: str, verdict_id: str) -> Verdict:
        """Raise NotFound when this tenant has none of that id."""
        document = await self._database.verdicts.find_one(within(tenant_id, verdict_id=verdict_id))
        if document is None:
            raise _no_verdict(verdict_id)
        return decode(Verdict, document)

    @translated
    async def find_verdicts(self, tenant_id: str, anomaly_id: str) -> list[Verdict]:
        """In the order in which they were recorded."""
        query = within(tenant_id, anomaly_id=anomaly_id)
        order = {"revision": OLDEST_FIRST, "at": OLDEST_FIRST, "_id": OLDEST_FIRST}
        return await find_all(self._database.verdicts, Verdict, query, sort=order)

    @translated
    async def commit_learning(
        self, tenant_id: str, verdict_id: str, baseline: Baseline, version: int, forgotten: Sequence[Forgotten] = ()
    ) -> None:
        """Save the baseline and mark the verdict learned, with what the baseline forgot because of it, together.

        Raise Conflict when the account changed meanwhile or the verdict is learned already, NotFound without verdict.
        """

        async def write(session: Session | None) -> None:
            await self._baselines.replace(tenant_id, baseline, version, session)
            await self._mark_learned(tenant_id, verdict_id, forgotten, session)

        await self._database.transaction(write)

    async def _mark_learned(
        self, tenant_id: str, verdict_id: str, forgotten: Sequence[Forgotten], session: Session | None
    ) -> None:
        query = within(tenant_id, verdict_id=verdict_id)
        changes = {"$set": {"learned": True, "forgotten": [plain(one) for one in forgotten]}}
        earlier = await self._database.verdicts.find_one_and_update(query, changes, session=session)
        if earlier is None:
            raise _no_verdict(verdict_id)
        if earlier["learned"]:
            raise Conflict(f"Verdict {verdict_id} is learned already.")


async def replace_anomaly(
    database: Database, tenant_id: str, before: Anomaly, after: Anomaly, session: Session | None
) -> None:
    """Write ``after`` if the anomaly is still as ``before``, else raise Conflict."""
    unchanged = within(tenant_id, anomaly_id=before.anomaly_id, revision=before.revision)
    changes = {"$set": encode(tenant_id, after)}
    if not (await database.anomalies.update_one(unchanged, changes, session=session)).matched_count:
        raise Conflict(f"Anomaly {before.anomaly_id} changed since it was read.")


def _expectation_writes(tenant_id: str, label: Label) -> list[Write]:
    writes: list[Write] = []
    before = label.before.expectation_id
    if before and before != label.after.expectation_id:
        writes.append(DeleteOne(within(tenant_id, expectation_id=before)))
    if label.expectation:
        writes.append(InsertOne(encode(tenant_id, label.expectation)))
    return writes


def _snooze_writes(tenant_id: str, label: Label) -> list[Write]:
    writes: list[Write] = []
    if label.snooze or label.after.status is not AnomalyStatus.SNOOZED:
        writes.append(DeleteMany(within(tenant_id, anomaly_id=label.after.anomaly_id)))
    if label.snooze:
        writes.append(InsertOne(encode(tenant_id, label.snooze)))
    return writes


def _no_verdict(verdict_id: str) -> NotFound:
    return NotFound(f"There is no verdict {verdict_id!r}.")

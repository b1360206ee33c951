"""Raw records in, committed effects out: parse, price, score, group, decide, store, in one transaction for a batch."""

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from engine.account_state import AccountState, Changes, Loaded
from engine.audit import suppressions_of
from engine.baselines.lifetimes import overdue
from engine.cloudtrail import parse
from engine.cloudtrail.precursors import parse_precursor
from engine.cloudtrail.record import Place, decode_unchecked
from engine.errors import Conflict, MalformedRecord
from engine.flags import Flag
from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.cost_event import Change, CostEvent
from engine.models.metrics import ANOMALIES, RECORD_LAG, RECORDS
from engine.models.precursor import Precursor
from engine.pipeline import start_changes
from engine.precursors import note_precursor
from engine.pricing import Prices
from engine.resolution import resource_keys
from engine.scoring.thresholds import CREEP_GROUP_MINUTES
from engine.snapshots import copied_keys
from services.archiving import Archiving
from services.flagging import Flagging, NoFlagging
from services.judging import Traced, judge, tell
from services.policies import NO_POLICIES, Policies
from services.ports import Accounts, Clock, Ledger
from services.ports.watching import Meter, Tracer
from services.unwatched import NO_METER, NO_TRACER

_log = logging.getLogger(__name__)
_ATTEMPTS = 5
_BATCH = 1000
_MOST_REMEMBERED = 10_000
_LARGEST_RECORD = 1 << 20
_SHOWN = 160
_NO_FLAGS: frozenset[Flag] = frozenset()
_LOOK_BACK = timedelta(minutes=CREEP_GROUP_MINUTES)

RecordEvents = Sequence[CostEvent]
Step = RecordEvents | Precursor


class ParsedBatch(msgspec.Struct):
    """What decoding a batch gave: the cost events of each record that has any, in event-time order, and precursors."""

    records: list[RecordEvents]
    precursors: list[Precursor] = []
    read: int = 0
    malformed: int = 0
    last_malformed: str = ""
    malformed_digests: list[bytes] = []


class IntakeReport(msgspec.Struct, frozen=True):
    """What a batch amounted to; ``fresh`` says when and where each record was made that had its effect now."""

    read: int
    malformed: int
    cost_events: int
    anomalies: int
    fresh: Sequence[Place] = ()


def parse_batch(raw_records: Iterable[bytes], account_id: str, on: frozenset[Flag] = _NO_FLAGS) -> ParsedBatch:
    """Decode and parse; what cannot be read is counted and the last one named, and never stops the rest.

    ``on`` are the flags that are on for the account.
    """
    batch = ParsedBatch(records=[])
    for raw in raw_records:
        batch.read += 1
        try:
            found = _parse_one(raw, account_id, on)
        except MalformedRecord as error:
            batch.malformed += 1
            batch.malformed_digests.append(blake2b(raw, digest_size=16).digest())
            batch.last_malformed = f"{error} in {raw[:_SHOWN].decode('utf-8', 'replace')}"
            continue
        if isinstance(found, Precursor):
            batch.precursors.append(found)
        elif found:
            batch.records.append(found)
    batch.records.sort(key=lambda events: (events[0].event_time, events[0].event_id))
    return batch


def _parse_one(raw: bytes, account_id: str, on: frozenset[Flag]) -> Step | None:
    if len(raw) > _LARGEST_RECORD:
        raise MalformedRecord(f"a record of {len(raw):,} bytes is larger than any CloudTrail writes")
    record = decode_unchecked(raw)
    found: Step | None = parse(record, on) or parse_precursor(record)
    if found and _first(found).account_id != account_id:
        raise MalformedRecord(f"the record belongs to account {_first(found).account_id!r}, not to {account_id}")
    return found


def _first(step: Step) -> CostEvent | Precursor:
    return step if isinstance(step, Precursor) else step[0]


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: (_first(step).event_time, _first(step).event_id))


class Intake:
    """Brings batches of one account's records into effect, each record once."""

    def __init__(
        self,
        ledger: Ledger,
        accounts: Accounts,
        prices: Prices,
        clock: Clock,
        archiving: Archiving | None = None,
        *,
        meter: Meter = NO_METER,
        tracer: Tracer = NO_TRACER,
        flagging: Flagging | None = None,
        policies: Policies = NO_POLICIES,
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._prices = prices
        self._clock = clock
        self._archiving = archiving
        self._meter = meter
        self._tracer = tracer
        self._flagging = flagging or NoFlagging()
        self._policies = policies
        self._known_malformed: OrderedDict[bytes, None] = OrderedDict()

    async def ingest(self, tenant_id: str, account_id: str, raw_records: Sequence[bytes]) -> IntakeReport:
        """Take in a batch; when this returns, its effects are committed.

        It is archived first: what comes again because of a crash is then there already, and nothing took effect that
        the archive never saw. An archive that fails stops nothing.

        Records without cost events need no database. Raises UpstreamError when the database is away: the same batch
        may be given again, and what of it was committed has its effect once.
        """
        with self._tracer.span("intake", {"dd0c.records": len(raw_records)}):
            return await self._ingest(tenant_id, account_id, raw_records)

    async def _ingest(self, tenant_id: str, account_id: str, raw_records: Sequence[bytes]) -> IntakeReport:
        if self._archiving is not None:
            await self._archiving.append(tenant_id, account_id, raw_records)
        batch = parse_batch(raw_records, account_id, self._flagging.find_parsing(account_id))
        applied = []
        steps = _in_order([*batch.records, *batch.precursors])
        for start in range(0, len(steps), _BATCH):
            changes = await self._apply(tenant_id, account_id, steps[start : start + _BATCH])
            applied += [changes] if changes else []
        new_malformed = self._new_malformed(batch)
        if applied or new_malformed:
            await self._count(tenant_id, account_id, batch, applied, len(new_malformed))
            self._remember_malformed(new_malformed)
        report = IntakeReport(
            read=batch.read,
            malformed=batch.malformed,
            cost_events=sum(len(changes.cost_events) for changes in applied),
            anomalies=len({anomaly_id for changes in applied for anomaly_id in changes.anomalies}),
            fresh=[place for changes in applied for place in _places(changes)],
        )
        self._tell(report)
        return report

    def _tell(self, report: IntakeReport) -> None:
        self._meter.note(RECORDS, report.read, outcome="read")
        self._meter.note(RECORDS, report.malformed, outcome="malformed")
        self._meter.note(RECORDS, report.cost_events, outcome="cost_event")
        for place in report.fresh:
            self._meter.note(RECORD_LAG, (self._clock() - place.time).total_seconds())

    def _tell_decisions(self, before: Mapping[str, Anomaly], changes: Changes) -> None:
        """An anomaly is counted and logged when it is decided about anew, and not with each record that joins it."""
        for anomaly in changes.anomalies.values():
            known, decision = before.get(anomaly.anomaly_id), anomaly.decision
            if known is None or known.decision.kind is not decision.kind:
                self._meter.note(ANOMALIES, decision=decision.kind.value, severity=anomaly.severity.value)
            if known is None or known.decision != decision:
                _log.info(
                    "anomaly %s in account %s: %s, %s",
                    anomaly.anomaly_id,
                    anomaly.account_id,
                    anomaly.severity,
                    decision.reason,
                )

    def _new_malformed(self, batch: ParsedBatch) -> list[bytes]:
        """Polls overlap, so the same broken record comes many times; people are told of it once."""
        return [digest for digest in dict.fromkeys(batch.malformed_digests) if digest not in self._known_malformed]

    def _remember_malformed(self, digests: Iterable[bytes]) -> None:
        self._known_malformed.update(dict.fromkeys(digests))
        while len(self._known_malformed) > _MOST_REMEMBERED:
            self._known_malformed.popitem(last=False)

    async def _apply(self, tenant_id: str, account_id: str, steps: Sequence[Step]) -> Changes | None:
        """Judge what is new and commit it, again from the start when somebody else wrote meanwhile."""
        records = [step for step in steps if not isinstance(step, Precursor)]
        precursors = [step for step in steps if isinstance(step, Precursor)]
        for attempt in range(_ATTEMPTS):
            known = await self.leave_out_known(tenant_id, account_id, records) if records else []
            fresh = _in_order([*known, *precursors])
            if not fresh:
                return None
            try:
                return await self._judge_and_commit(tenant_id, account_id, fresh)
            except Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
        return None

    async def leave_out_known(
        self, tenant_id: str, account_id: str, records: Sequence[RecordEvents]
    ) -> list[RecordEvents]:
        """Drop records whose effects are committed, and second copies within the batch."""
        unique = {events[0].event_id: events for events in records}
        known = await self._ledger.find_known_event_ids(tenant_id, account_id, list(unique))
        return [events for event_id, events in unique.items() if event_id not in known]

    async def _judge_and_commit(self, tenant_id: str, account_id: str, steps: Sequence[Step]) -> Changes | None:
        """Judge in order. Precursors that were noted before change nothing, and then nothing is written."""
        loaded = await self._load(tenant_id, account_id, steps)
        loaded.state.flags = await self._flagging.flags_for(tenant_id, account_id)
        loaded.state.policy_strict = self._policies.current().makes_strict(account_id)
        before = dict(loaded.state.anomalies)
        changes = start_changes(loaded.state)
        changes.trace = self._tracer.traceparent()
        judged = [one for step in steps for one in self._judge(step, loaded.state, changes)]
        if not (changes.cost_events or changes.anomalies):
            return None
        if await self._flagging.trips(tenant_id, account_id, before, changes.anomalies.values()):
            return await self._judge_and_commit(tenant_id, account_id, steps)
        now = self._clock()
        changes.anomalies = {key: _stamped(one, before, now) for key, one in changes.anomalies.items()}
        changes.records = suppressions_of(before, changes.anomalies.values(), now)
        with self._tracer.span("commit", {"dd0c.cost_events": len(changes.cost_events)}):
            await self._ledger.commit(tenant_id, loaded, changes, now)
        tell(judged, self._tracer)
        self._tell_decisions(before, changes)
        return changes

    async def _load(self, tenant_id: str, account_id: str, steps: Sequence[Step]) -> Loaded:
        """Load what the records name, and what should have ended by then: its incident has to hear of that."""
        keys, since = {key for step in steps for key in _keys(step)}, _first(steps[0]).event_time - _LOOK_BACK
        loaded = await self._ledger.load_state(tenant_id, account_id, sorted(keys), since)
        late = overdue(loaded.state.baseline, _first(steps[-1]).event_time)
        more = {key for watched in late for key in resource_keys(watched.event)} | copied_keys(loaded.state.resources)
        more -= keys
        if not more:
            return loaded
        return await self._ledger.load_state(tenant_id, account_id, sorted(keys | more), since)

    def _judge(self, step: Step, state: AccountState, changes: Changes) -> Iterable[Traced]:
        if isinstance(step, Precursor):
            note_precursor(step, state, changes)
            return ()
        return judge(step, state, changes, self._prices, self._tracer)

    async def _count(
        self, tenant_id: str, account_id: str, batch: ParsedBatch, applied: Sequence[Changes], malformed: int
    ) -> None:
        if malformed:
            _log.warning("account %s: %d malformed records; last: %s", account_id, malformed, batch.last_malformed)
        await self._accounts.count_records(
            tenant_id,
            account_id,
            read=batch.read,
            malformed=malformed,
            unknown_prices=sum(_unknown_prices(changes) for changes in applied),
            last_malformed=batch.last_malformed if malformed else "",
        )


def _keys(step: Step) -> Iterable[str]:
    return () if isinstance(step, Precursor) else (key for event in step for key in resource_keys(event))


def _stamped(anomaly: Anomaly, before: Mapping[str, Anomaly], now: datetime) -> Anomaly:
    """Say when we found out: the engine knows only the records' own time, and the card tells how long it took."""
    known = before.get(anomaly.anomaly_id)
    newly_told = anomaly.decision.kind is DecisionKind.ALERT and (
        known is None or known.decision.kind is not DecisionKind.ALERT
    )
    if known is not None and not newly_told:
        return anomaly
    # Our clock may be a little behind AWS's, but nothing is found before it happens.
    return msgspec.structs.replace(anomaly, detected_at=max(now, anomaly.first_event_time))


def _places(changes: Changes) -> Iterable[Place]:
    return {event.event_id: Place(event.event_time, event.region) for event in changes.cost_events}.values()


def _unknown_prices(changes: Changes) -> int:
    return sum(1 for event in changes.cost_events if event.hourly_cost is None and event.change is not Change.STOP)

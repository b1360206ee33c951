"""Raw records in, committed effects out: parse, price, score, group, decide, store, in one transaction for a batch."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from engine.account_state import Changes
from engine.cloudtrail import decode_record, parse
from engine.errors import Conflict, MalformedRecord
from engine.models.cost_event import Change, CostEvent
from engine.pipeline import advance, start_changes
from engine.pricing import Prices
from engine.resolution import resource_keys
from engine.scoring.thresholds import GROUP_MINUTES
from services.ports import Accounts, Clock, Ledger

_log = logging.getLogger(__name__)
_ATTEMPTS = 5
_LARGEST_RECORD = 1 << 20
_SHOWN = 160
_LOOK_BACK = timedelta(minutes=GROUP_MINUTES)

RecordEvents = Sequence[CostEvent]


class ParsedBatch(msgspec.Struct):
    """What decoding a batch gave: the cost events of each record that has any, in event-time order."""

    records: list[RecordEvents]
    read: int = 0
    malformed: int = 0
    last_malformed: str = ""


class IntakeReport(msgspec.Struct, frozen=True):
    """What a batch amounted to."""

    read: int
    malformed: int
    cost_events: int
    anomalies: int


def parse_batch(raw_records: Iterable[bytes], account_id: str) -> ParsedBatch:
    """Decode and parse; what cannot be read is counted and the last one named, and never stops the rest."""
    batch = ParsedBatch(records=[])
    for raw in raw_records:
        batch.read += 1
        try:
            events = _parse_one(raw, account_id)
        except MalformedRecord as error:
            batch.malformed += 1
            batch.last_malformed = f"{error} in {raw[:_SHOWN].decode('utf-8', 'replace')}"
            continue
        if events:
            batch.records.append(events)
    batch.records.sort(key=lambda events: (events[0].event_time, events[0].event_id))
    return batch


def _parse_one(raw: bytes, account_id: str) -> RecordEvents:
    if len(raw) > _LARGEST_RECORD:
        raise MalformedRecord(f"a record of {len(raw):,} bytes is larger than any CloudTrail writes")
    events = parse(decode_record(raw))
    if events and events[0].account_id != account_id:
        raise MalformedRecord(f"the record belongs to account {events[0].account_id!r}, not to {account_id}")
    return events


class Intake:
    """Brings batches of one account's records into effect, each record once."""

    def __init__(self, ledger: Ledger, accounts: Accounts, prices: Prices, clock: Clock) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._prices = prices
        self._clock = clock

    async def ingest(self, tenant_id: str, account_id: str, raw_records: Sequence[bytes]) -> IntakeReport:
        """Take in a batch; when this returns, its effects are committed.

        Records without cost events need no database. Raises UpstreamError when the database is away: nothing was
        written then, and the same batch may be given again.
        """
        batch = parse_batch(raw_records, account_id)
        changes = await self._apply(tenant_id, account_id, batch.records) if batch.records else None
        if changes is not None or batch.malformed:
            await self._count(tenant_id, account_id, batch, changes)
        return IntakeReport(
            read=batch.read,
            malformed=batch.malformed,
            cost_events=len(changes.cost_events) if changes else 0,
            anomalies=len(changes.anomalies) if changes else 0,
        )

    async def _apply(self, tenant_id: str, account_id: str, records: Sequence[RecordEvents]) -> Changes | None:
        """Judge what is new and commit it, again from the start when somebody else wrote meanwhile."""
        for attempt in range(_ATTEMPTS):
            fresh = await self.leave_out_known(tenant_id, account_id, records)
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

    async def _judge_and_commit(self, tenant_id: str, account_id: str, records: Sequence[RecordEvents]) -> Changes:
        keys = sorted({key for events in records for event in events for key in resource_keys(event)})
        loaded = await self._ledger.load_state(tenant_id, account_id, keys, records[0][0].event_time - _LOOK_BACK)
        changes = start_changes(loaded.state)
        for events in records:
            advance(events, loaded.state, changes, self._prices)
        await self._ledger.commit(tenant_id, loaded, changes, self._clock())
        for anomaly in changes.anomalies.values():
            _log.info(
                "anomaly %s in account %s: %s, %s",
                anomaly.anomaly_id,
                account_id,
                anomaly.severity,
                anomaly.decision.reason,
            )
        return changes

    async def _count(self, tenant_id: str, account_id: str, batch: ParsedBatch, changes: Changes | None) -> None:
        if batch.malformed:
            _log.warning(
                "account %s: %d malformed records; last: %s", account_id, batch.malformed, batch.last_malformed
            )
        await self._accounts.count_records(
            tenant_id,
            account_id,
            read=batch.read,
            malformed=batch.malformed,
            unknown_prices=_unknown_prices(changes),
            last_malformed=batch.last_malformed,
        )


def _unknown_prices(changes: Changes | None) -> int:
    events = changes.cost_events if changes else []
    return sum(1 for event in events if event.hourly_cost is None and event.change is not Change.STOP)

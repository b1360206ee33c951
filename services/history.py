"""The day-zero baseline: what an account did in the last 90 days is learned on the day it connects."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

import msgspec

from engine.access_keys import lost_access
from engine.audit import promotion_of
from engine.cloudtrail.record import peek_time
from engine.errors import AccessDenied, UpstreamError
from engine.governance import may_promote
from engine.maturity import history_days
from engine.models.account import AccountStatus, AwsAccount, GovernanceMode, RegionCursor
from engine.pipeline import learn_history
from engine.pricing import Prices
from engine.resolution import resource_keys
from engine.snapshots import copied_keys
from services.archiving import Archiving
from services.intake import Intake, ParsedBatch, RecordEvents
from services.isolating import isolate, name_fault, parse_apart
from services.ports import Accounts, Clock, CloudTrailSource, Ledger

_log = logging.getLogger(__name__)

HISTORY = timedelta(days=90)
_BATCH = 500
# At two pages a second ten minutes for each Region: an account is not watched before its history is learned. What is
# left out is the oldest part, and the status says so.
MOST_PAGES = 1200
_ARCHIVED_AT_ONCE = 2000
_REGIONS_AT_ONCE = 8


class RegionHistory(msgspec.Struct, frozen=True):
    """One Region's past: its cost events, how many records were read for them, or the error that stopped it.

    ``since`` is set where there was too much to read it whole.
    """

    region: str
    batch: ParsedBatch
    error: UpstreamError | None = None
    since: datetime | None = None


class History:
    """Reads and learns an account's past, then lets polling begin."""

    def __init__(
        self,
        *,
        source: CloudTrailSource,
        accounts: Accounts,
        ledger: Ledger,
        intake: Intake,
        prices: Prices,
        clock: Clock,
        archiving: Archiving | None = None,
        most_pages: int = MOST_PAGES,
    ) -> None:
        self._source = source
        self._accounts = accounts
        self._ledger = ledger
        self._intake = intake
        self._prices = prices
        self._clock = clock
        self._archiving = archiving
        self._most_pages = most_pages

    async def read(self, tenant_id: str, account_id: str) -> None:
        """Fetch all Regions newest first, learn in event-time order, promote if it is due, and make the account active.

        A crash on the way leaves the account learning: reading again learns only what is missing. The history of a
        Region ends at its cursor, where polling goes on, so that whatever happens from the first attempt on, or has
        happened since an earlier connection, is judged and not just learned. Raises UpstreamError when no Region
        answered.
        """
        account = await self._accounts.find_account(tenant_id, account_id)
        if account.status is not AccountStatus.LEARNING or account.paused_at is not None:
            return
        cursors = await self._begin(tenant_id, account)
        regions = await self._fetch(tenant_id, account, cursors)
        await self._raise_if_all_failed(tenant_id, account, regions)
        account = msgspec.structs.replace(account, regions_learned=sum(one.error is None for one in regions))
        records = [events for one in regions for events in one.batch.records]
        account, days = await self._learn(tenant_id, account, records)
        moved = [_moved(cursors[one.region], one, self._clock()) for one in regions]
        await self._accounts.save_cursors(tenant_id, account_id, moved)
        await self._count(tenant_id, account_id, [one.batch for one in regions])
        await self._activate(tenant_id, account, days)

    async def _begin(self, tenant_id: str, account: AwsAccount) -> dict[str, RegionCursor]:
        """Set down where the history of each Region ends, once and for all attempts."""
        now = self._clock()
        known = {cursor.region: cursor for cursor in account.cursors}
        new = [
            RegionCursor(region=region, read_until=now, rescanned_at=now)
            for region in account.regions
            if region not in known
        ]
        if new:
            await self._accounts.save_cursors(tenant_id, account.account_id, new)
        return {**known, **{cursor.region: cursor for cursor in new}}

    async def _fetch(
        self, tenant_id: str, account: AwsAccount, cursors: Mapping[str, RegionCursor]
    ) -> list[RegionHistory]:
        limit = asyncio.Semaphore(_REGIONS_AT_ONCE)
        done: list[str] = []

        async def fetch(region: str) -> RegionHistory:
            async with limit:
                history = await self._fetch_region(tenant_id, account, region, cursors[region].read_until)
            done.extend([region] if history.error is None else [])
            detail = f"Reading {HISTORY.days} days of history: {len(done)} of {len(account.regions)} Regions read."
            progress = msgspec.structs.replace(account, status_detail=detail, regions_learned=len(done))
            await self._accounts.save_progress(tenant_id, progress)
            return history

        return list(await asyncio.gather(*(fetch(region) for region in account.regions)))

    async def _fetch_region(self, tenant_id: str, account: AwsAccount, region: str, until: datetime) -> RegionHistory:
        """Keep only cost events while paging: five of six records say nothing of cost. The archive keeps all."""
        batch = ParsedBatch(records=[])
        unkept: list[bytes] = []
        since: datetime | None = None
        try:
            pages = 0
            async with aclosing(self._source.lookup(account, region, until - HISTORY, until)) as found:
                async for page in found:
                    for parsed in await parse_apart(self._accounts, tenant_id, account.account_id, page):
                        _add(batch, parsed)
                    unkept.extend(page)
                    if len(unkept) >= _ARCHIVED_AT_ONCE:
                        await self._archive(tenant_id, account.account_id, unkept)
                    pages += 1
                    if pages == self._most_pages:
                        since = min(filter(None, map(peek_time, page)), default=until)
                        break
        except UpstreamError as error:
            _log.warning("account %s, history of %s: %s", account.account_id, region, error)
            return RegionHistory(region, batch, error)
        finally:
            await self._archive(tenant_id, account.account_id, unkept)
        return RegionHistory(region, batch, since=since)

    async def _archive(self, tenant_id: str, account_id: str, unkept: list[bytes]) -> None:
        """Keep the records and empty the list; an archive that fails stops nothing."""
        if self._archiving is not None and unkept:
            await self._archiving.append(tenant_id, account_id, unkept)
        unkept.clear()

    async def _raise_if_all_failed(self, tenant_id: str, account: AwsAccount, regions: Sequence[RegionHistory]) -> None:
        """Say in the account's status why its history cannot be read; the next attempt comes by itself."""
        errors = [one.error for one in regions if one.error is not None]
        if not errors or len(errors) < len(regions):
            return
        worst = next((error for error in errors if isinstance(error, AccessDenied)), errors[0])
        by_key = bool(account.access_key_id) and isinstance(worst, AccessDenied)
        words = lost_access(account, worst.code, str(worst)) if by_key else str(worst)
        detail = f"Its history cannot be read yet. {words}"
        await self._accounts.save_progress(tenant_id, msgspec.structs.replace(account, status_detail=detail))
        raise worst

    async def _learn(
        self, tenant_id: str, account: AwsAccount, records: list[RecordEvents]
    ) -> tuple[AwsAccount, float]:
        """Learn in batches; gives the account with the alerts this history would have raised, and its days."""
        records.sort(key=lambda events: (events[0].event_time, events[0].event_id))
        for start in range(0, len(records), _BATCH):
            fresh = await self._intake.leave_out_known(tenant_id, account.account_id, records[start : start + _BATCH])
            alerts = await self._learn_apart(tenant_id, account, fresh) if fresh else 0
            if alerts:
                account = msgspec.structs.replace(account, history_alerts=account.history_alerts + alerts)
                await self._accounts.save_progress(tenant_id, account)
        now = self._clock()
        loaded = await self._ledger.load_state(tenant_id, account.account_id, [], now)
        return account, history_days(loaded.state.baseline, now)

    async def _learn_apart(self, tenant_id: str, account: AwsAccount, records: Sequence[RecordEvents]) -> int:
        """Learn a batch, but for records that bring out a fault of ours: or the account would be learning for ever."""
        faulty: list[RecordEvents] = []

        async def learn(part: Sequence[RecordEvents]) -> int:
            return await self._learn_batch(tenant_id, account, part)

        alerts = await isolate(records, learn, faulty, lambda events: events[0].event_time.timestamp())
        for events in faulty:
            first = events[0]
            await name_fault(
                self._accounts, tenant_id, account.account_id, f"{first.event_name} with the id {first.event_id}"
            )
        return sum(alerts)

    async def _learn_batch(self, tenant_id: str, account: AwsAccount, records: Sequence[RecordEvents]) -> int:
        keys = sorted({key for events in records for event in events for key in resource_keys(event)})
        loaded = await self._ledger.load_state(tenant_id, account.account_id, keys, records[0][0].event_time)
        if more := copied_keys(loaded.state.resources) - set(keys):
            keys = sorted(more.union(keys))
            loaded = await self._ledger.load_state(tenant_id, account.account_id, keys, records[0][0].event_time)
        loaded.state.account = msgspec.structs.replace(account, mode=GovernanceMode.AUDIT)
        changes, alerts = learn_history(records, loaded.state, self._prices)
        await self._ledger.commit(tenant_id, loaded, changes, self._clock())
        return alerts

    async def _count(self, tenant_id: str, account_id: str, batches: Sequence[ParsedBatch]) -> None:
        await self._accounts.count_records(
            tenant_id,
            account_id,
            read=sum(batch.read for batch in batches),
            malformed=sum(batch.malformed for batch in batches),
            unknown_prices=0,
            last_malformed=next((batch.last_malformed for batch in batches if batch.malformed), ""),
        )

    async def _activate(self, tenant_id: str, account: AwsAccount, days: float) -> None:
        mode, alerts = account.mode, account.history_alerts
        if not account.mode_set_by and may_promote(history_days=days, expected=0, verdicts=0, alerts=alerts):
            mode = GovernanceMode.AUDIT
        _log.info(
            "account %s: learned %.0f days, would have alerted %d times; %s", account.account_id, days, alerts, mode
        )
        active = msgspec.structs.replace(account, status=AccountStatus.ACTIVE, status_detail="", mode=mode)
        record = promotion_of(active, self._clock()) if mode is not account.mode else None
        await self._accounts.save_progress(tenant_id, active, record)


def _moved(cursor: RegionCursor, history: RegionHistory, now: datetime) -> RegionCursor:
    """Note what reading a Region's past told; one that failed is watched all the same, and what it lacks is named."""
    times = [event.event_time for events in history.batch.records for event in events]
    times += [cursor.last_record_time] if cursor.last_record_time else []
    return msgspec.structs.replace(
        cursor,
        last_record_time=max(times, default=None),
        last_success_at=cursor.last_success_at if history.error else now,
        error=f"Its history could not be read. {history.error}" if history.error else "",
        history_since=history.since,
    )


def _add(batch: ParsedBatch, parsed: ParsedBatch) -> None:
    batch.records.extend(parsed.records)
    batch.read += parsed.read
    batch.malformed += parsed.malformed
    batch.last_malformed = parsed.last_malformed or batch.last_malformed

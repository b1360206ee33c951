"""The day-zero baseline: what an account did in the last 90 days is learned on the day it connects."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.errors import AccessDenied, UpstreamError
from engine.governance import may_promote
from engine.maturity import history_days
from engine.models.account import AccountStatus, AwsAccount, GovernanceMode, RegionCursor
from engine.pipeline import learn_history
from engine.pricing import Prices
from engine.resolution import resource_keys
from services.intake import Intake, ParsedBatch, RecordEvents, parse_batch
from services.ports import Accounts, Clock, CloudTrailSource, Ledger

_log = logging.getLogger(__name__)

HISTORY = timedelta(days=90)
_BATCH = 500
_REGIONS_AT_ONCE = 8


class RegionHistory(msgspec.Struct, frozen=True):
    """One Region's past: its cost events, how many records were read for them, or the error that stopped it."""

    region: str
    batch: ParsedBatch
    error: UpstreamError | None = None


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
    ) -> None:
        self._source = source
        self._accounts = accounts
        self._ledger = ledger
        self._intake = intake
        self._prices = prices
        self._clock = clock

    async def read(self, tenant_id: str, account_id: str) -> None:
        """Fetch all Regions newest first, learn in event-time order, promote if it is due, and make the account active.

        A crash on the way leaves the account learning: reading again learns only what is missing. Raises UpstreamError
        when no Region answered.
        """
        account = await self._accounts.find_account(tenant_id, account_id)
        if account.status is not AccountStatus.LEARNING:
            return
        until = self._clock()
        regions = await self._fetch(tenant_id, account, until)
        _raise_if_all_failed(regions)
        alerts, days = await self._learn(tenant_id, account, [events for r in regions for events in r.batch.records])
        await self._accounts.save_cursors(tenant_id, account_id, [_cursor(one, until) for one in regions])
        await self._activate(tenant_id, account, alerts, days)

    async def _fetch(self, tenant_id: str, account: AwsAccount, until: datetime) -> list[RegionHistory]:
        limit = asyncio.Semaphore(_REGIONS_AT_ONCE)
        done: list[str] = []

        async def fetch(region: str) -> RegionHistory:
            async with limit:
                history = await self._fetch_region(account, region, until)
            done.append(region)
            detail = f"Reading {HISTORY.days} days of history: {len(done)} of {len(account.regions)} Regions read."
            await self._accounts.save_account(tenant_id, msgspec.structs.replace(account, status_detail=detail))
            return history

        return list(await asyncio.gather(*(fetch(region) for region in account.regions)))

    async def _fetch_region(self, account: AwsAccount, region: str, until: datetime) -> RegionHistory:
        """Keep only cost events while paging: five of six records say nothing of cost."""
        batch = ParsedBatch(records=[])
        try:
            async for page in self._source.lookup(account, region, until - HISTORY, until):
                parsed = parse_batch(page, account.account_id)
                batch.records.extend(parsed.records)
                batch.read += parsed.read
                batch.malformed += parsed.malformed
                batch.last_malformed = parsed.last_malformed or batch.last_malformed
        except UpstreamError as error:
            _log.warning("account %s, history of %s: %s", account.account_id, region, error)
            return RegionHistory(region, batch, error)
        return RegionHistory(region, batch)

    async def _learn(self, tenant_id: str, account: AwsAccount, records: list[RecordEvents]) -> tuple[int, float]:
        """Learn in batches; gives the alerts this history would have raised, and its days."""
        records.sort(key=lambda events: (events[0].event_time, events[0].event_id))
        alerts = 0
        for start in range(0, len(records), _BATCH):
            fresh = await self._intake.leave_out_known(tenant_id, account.account_id, records[start : start + _BATCH])
            if fresh:
                alerts += await self._learn_batch(tenant_id, account, fresh)
        now = self._clock()
        loaded = await self._ledger.load_state(tenant_id, account.account_id, [], now)
        return alerts, history_days(loaded.state.baseline, now)

    async def _learn_batch(self, tenant_id: str, account: AwsAccount, records: Sequence[RecordEvents]) -> int:
        keys = sorted({key for events in records for event in events for key in resource_keys(event)})
        loaded = await self._ledger.load_state(tenant_id, account.account_id, keys, records[0][0].event_time)
        loaded.state.account = msgspec.structs.replace(account, mode=GovernanceMode.AUDIT)
        changes, alerts = learn_history(records, loaded.state, self._prices)
        await self._ledger.commit(tenant_id, loaded, changes, self._clock())
        return alerts

    async def _activate(self, tenant_id: str, account: AwsAccount, alerts: int, days: float) -> None:
        mode = account.mode
        if not account.mode_set_by and may_promote(history_days=days, expected=0, verdicts=0, alerts=alerts):
            mode = GovernanceMode.AUDIT
        _log.info(
            "account %s: learned %.0f days, would have alerted %d times; %s", account.account_id, days, alerts, mode
        )
        active = msgspec.structs.replace(account, status=AccountStatus.ACTIVE, status_detail="", mode=mode)
        await self._accounts.save_account(tenant_id, active)


def _raise_if_all_failed(regions: Sequence[RegionHistory]) -> None:
    errors = [one.error for one in regions if one.error is not None]
    if errors and len(errors) == len(regions):
        raise next((error for error in errors if isinstance(error, AccessDenied)), errors[0])


def _cursor(history: RegionHistory, until: datetime) -> RegionCursor:
    """Polling goes on where the history ended; a Region that failed is only behind, and polling will name why."""
    times = [events[-1].event_time for events in history.batch.records]
    return RegionCursor(
        region=history.region,
        read_until=until,
        rescanned_at=until,
        last_record_time=max(times, default=None),
        last_success_at=None if history.error else until,
        error=str(history.error) if history.error else "",
    )

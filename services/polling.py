"""Polling CloudTrail's LookupEvents: all Regions of an account at once, each with its own cursor."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta

import msgspec

from engine.access_keys import lost_access
from engine.cloudtrail.record import peek_time
from engine.errors import AccessDenied, UpstreamError
from engine.models.account import AccountStatus, AwsAccount, RegionCursor
from services.arrivals import POLLING, note_arrivals
from services.intake import Intake
from services.isolating import Isolating
from services.poll_pace import due_cursors
from services.poll_windows import (
    Reach,
    Window,
    after_live,
    after_rescan,
    has_more,
    live_window,
    rescan_of,
    rescan_window,
    worth_saving,
)
from services.ports import Accounts, Clock, CloudTrailSource
from services.ports.watching import Tracer
from services.unwatched import NO_TRACER

_log = logging.getLogger(__name__)

_REGIONS_AT_ONCE = 8
_SECOND = timedelta(seconds=1)
BESIDE_EVENTS = timedelta(minutes=15)
_WATCHED = (AccountStatus.ACTIVE, AccountStatus.DENIED)


class RegionRead(msgspec.Struct, frozen=True):
    """What a Region gave: the records of what is settled by it, and the error that kept it from giving all."""

    cursor: RegionCursor
    records: Sequence[bytes] = ()
    more: bool = False
    error: UpstreamError | None = None


class Poller:
    """One turn of one account: never so long that others starve."""

    def __init__(
        self,
        source: CloudTrailSource,
        accounts: Accounts,
        intake: Intake,
        clock: Clock,
        *,
        beside_events: timedelta = BESIDE_EVENTS,
        tracer: Tracer = NO_TRACER,
    ) -> None:
        self._source = source
        self._accounts = accounts
        self._intake = Isolating(intake, accounts)
        self._clock = clock
        self._beside_events = beside_events
        self._tracer = tracer

    async def poll(self, tenant_id: str, account_id: str) -> bool:
        """Read every Region whose turn it is, bring the records into effect, and only then move the cursors.

        Return whether there is more to read at once; whoever calls lets other accounts have their turn first. A Region
        that fails keeps its cursor and is named in the account's status; the others go on. Raises UpstreamError when
        the database is away; nothing is lost then, because the cursors stay.
        """
        account = await self._accounts.find_account(tenant_id, account_id)
        if account.status not in _WATCHED or account.paused_at is not None:
            return False
        due = due_cursors(account, self._clock(), self._beside_events)
        reads = await self._read_regions(account, due)
        records = [record for read in reads for record in read.records]
        if records:
            reports = await self._intake.ingest(tenant_id, account_id, records)
            received = [(place, self._clock()) for report in reports for place in report.fresh]
            await note_arrivals(self._accounts, tenant_id, account_id, POLLING, received)
        saved = [
            read.cursor
            for before, read in zip(due, reads, strict=True)
            if read.more or worth_saving(before, read.cursor)
        ]
        if saved:
            await self._accounts.save_cursors(tenant_id, account_id, saved)
        await self._note_access(tenant_id, account, reads)
        return any(read.more for read in reads)

    async def _read_regions(self, account: AwsAccount, due: Sequence[RegionCursor]) -> list[RegionRead]:
        limit = asyncio.Semaphore(_REGIONS_AT_ONCE)

        async def read(cursor: RegionCursor) -> RegionRead:
            async with limit:
                with self._tracer.span("read_region", {"cloud.region": cursor.region}):
                    return await self._read_region(account, cursor)

        return list(await asyncio.gather(*(read(cursor) for cursor in due)))

    async def _read_region(self, account: AwsAccount, cursor: RegionCursor) -> RegionRead:
        """Read what is new, and what is left of a rescan; both in bounded pieces.

        New records are only good when nothing is missing among them, for they are judged in the order of their times.
        """
        now = self._clock()
        live = live_window(cursor, now)
        records: list[bytes] = []
        try:
            reach = await self._read_window(account, cursor.region, live, records)
            moved = after_live(cursor, live, reach)
            if reach.down_to > cursor.read_until:
                records.clear()
            rescan = rescan_of(cursor, live, reach, now)
            again = rescan_window(cursor, rescan) if rescan else None
            reach_again = await self._read_window(account, cursor.region, again, records) if again else None
        except UpstreamError as error:
            _log.warning("account %s, %s: %s", account.account_id, cursor.region, error)
            failed = msgspec.structs.replace(cursor, error=str(error))
            return RegionRead(failed, records, error=error)
        moved = self._succeeded(after_rescan(moved, rescan, again, reach_again), records)
        return RegionRead(moved, records, more=has_more(moved, now))

    async def _read_window(self, account: AwsAccount, region: str, window: Window, records: list[bytes]) -> Reach:
        """Add the window's records, newest first, and say how far down its pages reached."""
        pages = 0
        async with aclosing(self._source.lookup(account, region, window.start, window.end)) as found:
            async for page in found:
                records.extend(page)
                pages += 1
                if pages == window.pages:
                    oldest = min((time for time in map(peek_time, page) if time is not None), default=window.end)
                    # Others of the same second may be on the next page.
                    return Reach(pages, oldest + _SECOND)
        return Reach(pages, window.start)

    def _succeeded(self, cursor: RegionCursor, records: Sequence[bytes]) -> RegionCursor:
        times = [time for time in map(peek_time, records) if time is not None]
        times += [cursor.last_record_time] if cursor.last_record_time else []
        return msgspec.structs.replace(
            cursor, last_record_time=max(times, default=None), last_success_at=self._clock(), error=""
        )

    async def _note_access(self, tenant_id: str, before: AwsAccount, reads: Sequence[RegionRead]) -> None:
        """A role or key that opens no Region at all was revoked; one success shows that it is back.

        When only some Regions had their turn and none opened, that says nothing of the role.
        """
        whole = len(reads) == len(before.cursors)
        denied = bool(reads) and whole and all(isinstance(read.error, AccessDenied) for read in reads)
        if not denied and all(read.error is not None for read in reads):
            return
        status, detail = AccountStatus.DENIED if denied else AccountStatus.ACTIVE, _detail(before, denied, reads)
        if (status, detail) != (before.status, before.status_detail):
            await self._accounts.save_access(tenant_id, before, status, detail)


def _detail(account: AwsAccount, denied: bool, reads: Sequence[RegionRead]) -> str:
    error = reads[0].error if denied else None
    return lost_access(account, error.code, str(error)) if error is not None else ""

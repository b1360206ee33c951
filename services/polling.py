"""Polling CloudTrail's LookupEvents: all Regions of an account at once, each with its own cursor."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.cloudtrail.record import peek_time
from engine.errors import AccessDenied, UpstreamError
from engine.models.account import AccountStatus, AwsAccount, RegionCursor
from services.intake import Intake
from services.ports import Accounts, Clock, CloudTrailSource

_log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=15)
RESCAN_EVERY = timedelta(minutes=30)
RESCAN_SPAN = timedelta(minutes=90)
_SLICE = timedelta(hours=1)
_REGIONS_AT_ONCE = 8
_WATCHED = (AccountStatus.ACTIVE, AccountStatus.DENIED)
_ROLE_IS_GONE = "Its role opens no Region any more: restore it, or connect the account again."


class Window(msgspec.Struct, frozen=True):
    """The frozen stretch of time one poll reads of a Region, and what its cursor says of rescans afterwards."""

    start: datetime
    end: datetime
    rescanned_at: datetime


class RegionRead(msgspec.Struct, frozen=True):
    """What a Region gave: its records, and the error that kept it from giving all."""

    cursor: RegionCursor
    window: Window
    records: Sequence[bytes] = ()
    error: UpstreamError | None = None


def window_of(cursor: RegionCursor, now: datetime) -> Window:
    """Choose what to read next.

    The history lags by minutes and sometimes by more than an hour, so every poll overlaps the one before, and every
    half hour a rescan goes back to ninety minutes before the last one: what arrives up to ninety minutes late is found,
    however long a Region could not be read. One that fell behind catches up in slices of an hour, so that what must be
    held in memory stays bounded and progress is kept; a slice read that long after its end needs no rescan.
    """
    start = min(cursor.read_until, now) - OVERLAP
    end = min(now, cursor.read_until + _SLICE)
    if now - cursor.rescanned_at < RESCAN_EVERY:
        return Window(start, end, cursor.rescanned_at)
    return Window(min(start, cursor.rescanned_at - RESCAN_SPAN), end, min(now, end + RESCAN_SPAN))


class Poller:
    """One poll of one account."""

    def __init__(self, source: CloudTrailSource, accounts: Accounts, intake: Intake, clock: Clock) -> None:
        self._source = source
        self._accounts = accounts
        self._intake = intake
        self._clock = clock

    async def poll(self, tenant_id: str, account_id: str) -> None:
        """Read every Region, bring the records into effect, and only then move the cursors.

        A Region that fails keeps its cursor and is named in the account's status; the others go on. Raises
        UpstreamError when the database is away; nothing is lost then, because the cursors stay.
        """
        account = await self._accounts.find_account(tenant_id, account_id)
        if account.status not in _WATCHED:
            return
        reads = await self._read_regions(account)
        records = [record for read in reads for record in read.records]
        if records:
            await self._intake.ingest(tenant_id, account_id, records)
        await self._accounts.save_cursors(tenant_id, account_id, [self._moved(read) for read in reads])
        await self._note_access(tenant_id, account_id, reads)

    async def _read_regions(self, account: AwsAccount) -> list[RegionRead]:
        limit = asyncio.Semaphore(_REGIONS_AT_ONCE)

        async def read(cursor: RegionCursor) -> RegionRead:
            async with limit:
                return await self._read_region(account, cursor)

        return list(await asyncio.gather(*(read(cursor) for cursor in account.cursors)))

    async def _read_region(self, account: AwsAccount, cursor: RegionCursor) -> RegionRead:
        window = window_of(cursor, self._clock())
        records: list[bytes] = []
        try:
            async for page in self._source.lookup(account, cursor.region, window.start, window.end):
                records.extend(page)
        except UpstreamError as error:
            _log.warning("account %s, %s: %s", account.account_id, cursor.region, error)
            return RegionRead(cursor, window, records, error)
        return RegionRead(cursor, window, records)

    def _moved(self, read: RegionRead) -> RegionCursor:
        if read.error is not None:
            return msgspec.structs.replace(read.cursor, error=str(read.error))
        now = self._clock()
        times = [time for time in map(peek_time, read.records) if time is not None]
        newest = max(times, default=read.cursor.last_record_time)
        if read.cursor.last_record_time is not None and newest is not None:
            newest = max(newest, read.cursor.last_record_time)
        return msgspec.structs.replace(
            read.cursor,
            read_until=max(read.window.end, read.cursor.read_until),
            rescanned_at=read.window.rescanned_at,
            last_record_time=newest,
            last_success_at=now,
            error="",
        )

    async def _note_access(self, tenant_id: str, account_id: str, reads: Sequence[RegionRead]) -> None:
        """A role that opens no Region at all was revoked; one success shows that it is back.

        The account is read again, because reading the Regions took a while and somebody may have changed it.
        """
        denied = bool(reads) and all(isinstance(read.error, AccessDenied) for read in reads)
        if not denied and all(read.error is not None for read in reads):
            return
        account = await self._accounts.find_account(tenant_id, account_id)
        status = AccountStatus.DENIED if denied else AccountStatus.ACTIVE
        detail = f"{_ROLE_IS_GONE} {reads[0].error}" if denied else ""
        if account.status in _WATCHED and (status, detail) != (account.status, account.status_detail):
            noted = msgspec.structs.replace(account, status=status, status_detail=detail)
            await self._accounts.save_account(tenant_id, noted)

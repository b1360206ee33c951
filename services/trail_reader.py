"""Reading one log file: what bears cost goes to the inbox, and all of it to the archive."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from hashlib import blake2b
from itertools import chain

import msgspec

from engine.errors import NotFound, UpstreamError
from engine.models.inbox import InboxBatch
from engine.models.trail import TrailAccount, TrailObject
from engine.models.work import WorkItem, WorkKind
from services.archiving import Archiving, packed
from services.ports import Clock, Inbox, TrailStore, WorkQueue
from services.trail_splitting import FileReport, FileSplitter

_log = logging.getLogger(__name__)


class Trail(msgspec.Struct, frozen=True):
    """A trail that is read. ``name`` is its address; ``bucket`` and ``prefix`` say which notices speak of it."""

    name: str
    store: TrailStore
    source: str
    bucket: str = ""
    prefix: str = ""


class TrailReader:
    """Reads files, however often: a batch's id follows from the file and its records, and so does its effect."""

    def __init__(self, *, inbox: Inbox, archiving: Archiving | None, queue: WorkQueue, clock: Clock) -> None:
        self._inbox = inbox
        self._archiving = archiving
        self._queue = queue
        self._clock = clock

    async def read(self, trail: Trail, file: TrailObject, account: TrailAccount) -> FileReport:
        """Read a file; when this returns, all that could be read and bears cost is durable.

        What is wrong with the file or its store is in the report. Raises UpstreamError when the database is away.
        """
        splitter = FileSplitter(account.account_id, with_rest=self._archiving is not None)
        async with AsyncExitStack() as stack:
            try:
                chunks = await stack.enter_async_context(trail.store.open(file.key))
            except (NotFound, UpstreamError) as error:
                return FileReport(error=error)
            async for part in splitter.parts(chunks):
                await self._keep(trail, file, account, part.kept)
                await self._archive(account, part.rest)
        if splitter.report.kept:
            await self._announce(account)
        return splitter.report

    async def _announce(self, account: TrailAccount) -> None:
        """The records are safe already, so a queue that is away only delays them."""
        try:
            await self._queue.put(WorkItem(WorkKind.INGEST, account.tenant_id, account.account_id))
        except UpstreamError as error:
            _log.warning("account %s: records of its trail wait for the queue: %s", account.account_id, error)

    async def _keep(self, trail: Trail, file: TrailObject, account: TrailAccount, records: Sequence[bytes]) -> None:
        if not records:
            return
        batch = InboxBatch(
            batch_id=_batch_id(trail, file, records),
            tenant_id=account.tenant_id,
            account_id=account.account_id,
            source=trail.source,
            received_at=self._clock(),
            count=len(records),
            records=await asyncio.to_thread(packed, records),
        )
        await self._inbox.save_batches([batch])

    async def _archive(self, account: TrailAccount, records: Sequence[bytes]) -> None:
        """What bears cost is archived when it takes effect, like that of every other source."""
        if records and self._archiving is not None:
            await self._archiving.append(account.tenant_id, account.account_id, records)


def _batch_id(trail: Trail, file: TrailObject, records: Sequence[bytes]) -> str:
    """The records count too: a download that broke off ends in a part that is shorter than it will be."""
    digest = blake2b(digest_size=16)
    for piece in chain((trail.name.encode(), file.key.encode(), file.etag.encode()), records):
        digest.update(len(piece).to_bytes(8) + piece)
    return digest.hexdigest()

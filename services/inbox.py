"""What waits in the inbox takes effect."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

from engine.cloudtrail.record import peek_place
from engine.errors import Dd0cError, MalformedRecord, NotFound, Rejected
from engine.models.account import AccountStatus, AwsAccount
from engine.models.inbox import InboxBatch
from services.arrivals import Received, note_arrivals
from services.intake import Intake
from services.ports import Accounts, Clock, Inbox, WorkQueue
from services.ports.watching import Tracer
from services.receiving import unpack_records
from services.unwatched import NO_TRACER

_log = logging.getLogger(__name__)
_AT_ONCE = 20
_OVERDUE = timedelta(minutes=1)
_MOST_REQUEUED = 1000
# An account that is learning must know its past before anything of now is judged.
_TAKING = frozenset({AccountStatus.PENDING, AccountStatus.ACTIVE, AccountStatus.DENIED})


class InboxReader:
    """Brings an account's batches into effect, oldest first, and then forgets them.

    A crash anywhere leaves the batch where it was. It comes again, and what of it was committed is known by then.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        accounts: Accounts,
        intake: Intake,
        queue: WorkQueue,
        clock: Clock,
        tracer: Tracer = NO_TRACER,
    ) -> None:
        self._inbox = inbox
        self._accounts = accounts
        self._intake = intake
        self._queue = queue
        self._clock = clock
        self._tracer = tracer

    async def ingest(self, tenant_id: str, account_id: str) -> None:
        """Work off what the account has waiting. Raises UpstreamError when the database is away."""
        account = await self._find(tenant_id, account_id)
        if account is not None and account.status not in _TAKING:
            return
        while batches := await self._inbox.find_batches(tenant_id, account_id, _AT_ONCE):
            if account is None:
                await self._forget(batches)
            else:
                await self._take_effect(account, batches)

    async def requeue(self) -> int:
        """Bring back batches that wait although nobody works on them; gives for how many accounts."""
        waiting = await self._inbox.find_waiting(self._clock() - _OVERDUE, _MOST_REQUEUED)
        for item in waiting:
            await self._queue.put(item)
        return len(waiting)

    async def _find(self, tenant_id: str, account_id: str) -> AwsAccount | None:
        try:
            return await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            return None

    async def _take_effect(self, account: AwsAccount, batches: Sequence[InboxBatch]) -> None:
        """Ingest batches together; if that is impossible, find the one whose fault it is and set it aside."""
        try:
            await self._ingest(account, batches)
        except Dd0cError as error:
            if not isinstance(error, Rejected | MalformedRecord):
                raise
            await self._isolate(account, batches, error)
            return
        except Exception as error:
            _log.exception("account %s: %d batches could not be ingested", account.account_id, len(batches))
            await self._isolate(account, batches, error)
            return
        await self._note_arrivals(account, batches)
        await self._forget(batches)

    async def _ingest(self, account: AwsAccount, batches: Sequence[InboxBatch]) -> None:
        """What came first goes on with its trace; the traces of what came later are linked to it."""
        traces = list(dict.fromkeys(batch.trace for batch in batches if batch.trace))
        with self._tracer.span("inbox", parent=traces[0] if traces else "", links=traces[1:]):
            records = await asyncio.to_thread(_records_of, batches)
            await self._intake.ingest(batches[0].tenant_id, account.account_id, records)

    async def _isolate(self, account: AwsAccount, batches: Sequence[InboxBatch], error: Exception) -> None:
        if len(batches) > 1:
            for batch in batches:
                await self._take_effect(account, [batch])
            return
        batch = batches[0]
        reason = f"{type(error).__name__}: {error}"
        _log.error("account %s: batch %s is set aside: %s", account.account_id, batch.batch_id, reason)
        await self._inbox.set_aside(batch.tenant_id, batch.batch_id, reason)
        await self._accounts.count_records(
            batch.tenant_id,
            account.account_id,
            read=0,
            malformed=batch.count,
            unknown_prices=0,
            last_malformed=f"{batch.count} records from {batch.source} were set aside: {reason}",
        )

    async def _note_arrivals(self, account: AwsAccount, batches: Sequence[InboxBatch]) -> None:
        tenant_id = batches[0].tenant_id
        for source in sorted({batch.source for batch in batches}):
            received = [one for batch in batches if batch.source == source for one in _received(batch)]
            await note_arrivals(self._accounts, tenant_id, account.account_id, source, received)

    async def _forget(self, batches: Sequence[InboxBatch]) -> None:
        await self._inbox.delete_batches(batches[0].tenant_id, [batch.batch_id for batch in batches])


def _received(batch: InboxBatch) -> Iterator[Received]:
    for raw in unpack_records(batch):
        place = peek_place(raw)
        if place is not None:
            yield place, batch.received_at


def _records_of(batches: Sequence[InboxBatch]) -> list[bytes]:
    return [record for batch in batches for record in unpack_records(batch)]

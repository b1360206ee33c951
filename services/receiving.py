"""From a stream of raw records to the inbox: split, drop what says nothing of cost, route, make durable."""

import asyncio
import gzip
import logging
import zlib
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from engine.cloudtrail.routing import find_owner
from engine.cloudtrail.split import Malformed, split_records
from engine.errors import MalformedRecord, NotFound, UpstreamError
from engine.models.account import AccountStatus, AwsAccount
from engine.models.inbox import InboxBatch, Receipt
from engine.models.work import WorkItem, WorkKind
from services.ports import Accounts, Clock, Inbox, SystemLookups, WorkQueue
from services.ports.watching import Tracer
from services.unwatched import NO_TRACER

_log = logging.getLogger(__name__)
# Records are small; a group of this size is far from MongoDB's 16 MB even if nothing of it can be packed.
_GROUP_BYTES = 4 * 2**20
_PROBLEMS_NAMED = 5
_MOST_REMEMBERED = 10_000
# Until its role is proven, a tenant only says that an account is its own, so the hub gives it nothing.
_PROVEN = frozenset({AccountStatus.LEARNING, AccountStatus.ACTIVE, AccountStatus.DENIED})
_CLAIMED = _PROVEN | {AccountStatus.PENDING}

Group = Mapping[str, Sequence[bytes]]


class Receiver:
    """Takes records of any account from one delivery. It may be repeated: the same records make the same batches."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        accounts: Accounts,
        lookups: SystemLookups,
        queue: WorkQueue,
        clock: Clock,
        tracer: Tracer = NO_TRACER,
    ) -> None:
        self._inbox = inbox
        self._accounts = accounts
        self._lookups = lookups
        self._queue = queue
        self._clock = clock
        self._tracer = tracer
        self._named: OrderedDict[str, None] = OrderedDict()

    async def receive(self, source: str, chunks: Iterable[bytes], tenant_id: str | None = None) -> Receipt:
        """Keep what bears cost; when this returns, it is durable.

        With a ``tenant_id`` only the accounts of that tenant are known, else all whose role was proven. Raises
        UpstreamError when the database is away, and whatever ``chunks`` raises; what was kept until then does no harm,
        because the same records have one effect.
        """
        with self._tracer.span("receive", {"dd0c.source": source}):
            return await self._receive(source, chunks, tenant_id)

    async def _receive(self, source: str, chunks: Iterable[bytes], tenant_id: str | None) -> Receipt:
        receipt = Receipt()
        owners: dict[str, str | None] = {}
        groups = _groups(chunks, receipt)
        while (group := await asyncio.to_thread(next, groups, None)) is not None:
            if tenant_id is None:
                owners.update({one: await self._find_owner(one) for one in group if one not in owners})
            elif not owners:
                owners.update(await self._own_accounts(tenant_id))
            await self._keep(source, group, owners, receipt)
        self._name_unknown(receipt.unknown_accounts)
        return receipt

    async def _own_accounts(self, tenant_id: str) -> dict[str, str | None]:
        accounts = await self._accounts.find_accounts(tenant_id)
        return {account.account_id: tenant_id for account in accounts if _takes(account, _CLAIMED)}

    async def _find_owner(self, account_id: str) -> str | None:
        tenant_id = await self._lookups.find_tenant_by_account(account_id)
        if tenant_id is None:
            return None
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            return None
        return tenant_id if _takes(account, _PROVEN) else None

    async def _keep(self, source: str, group: Group, owners: Mapping[str, str | None], receipt: Receipt) -> None:
        batches = []
        for account_id, records in group.items():
            owner = owners.get(account_id)
            if owner is None:
                _count_unknown(receipt, account_id, len(records))
            else:
                batches.append(await asyncio.to_thread(self._batch, source, owner, account_id, records))
        await self._inbox.save_batches(batches)
        receipt.kept += sum(batch.count for batch in batches)
        for batch in batches:
            await self._announce(batch)

    def _batch(self, source: str, tenant_id: str, account_id: str, records: Sequence[bytes]) -> InboxBatch:
        content = b"\n".join(records)
        origin = f"{source} {account_id}\n".encode()
        return InboxBatch(
            batch_id=blake2b(origin + content, digest_size=20).hexdigest(),
            tenant_id=tenant_id,
            account_id=account_id,
            source=source,
            received_at=self._clock(),
            count=len(records),
            records=gzip.compress(content, compresslevel=1, mtime=0),
            trace=self._tracer.traceparent(),
        )

    async def _announce(self, batch: InboxBatch) -> None:
        """The batch is safe already, so a queue that is away delays it until the job ``requeue_inbox`` finds it."""
        try:
            await self._queue.put(WorkItem(WorkKind.INGEST, batch.tenant_id, batch.account_id, trace=batch.trace))
        except UpstreamError as error:
            _log.warning("account %s: received records wait for the queue: %s", batch.account_id, error)

    def _name_unknown(self, account_ids: Iterable[str]) -> None:
        """Name an account in the log once, not with every delivery."""
        for account_id in account_ids:
            if account_id not in self._named:
                _log.warning("records of account %s are skipped: it is not connected", account_id)
            self._named[account_id] = None
        while len(self._named) > _MOST_REMEMBERED:
            self._named.popitem(last=False)


def _takes(account: AwsAccount, statuses: Collection[AccountStatus]) -> bool:
    """What comes for a paused account is left out: when it goes on, polling reads it from where it stopped."""
    return account.status in statuses and account.paused_at is None


def _count_unknown(receipt: Receipt, account_id: str, records: int) -> None:
    receipt.unknown += records
    if account_id not in receipt.unknown_accounts and len(receipt.unknown_accounts) < _MOST_REMEMBERED:
        receipt.unknown_accounts.append(account_id)


def _groups(chunks: Iterable[bytes], receipt: Receipt) -> Iterator[Group]:
    """Give cost-bearing records by account, a few megabytes at a time, and count the others."""
    group: dict[str, list[bytes]] = {}
    size = 0
    for account_id, record in _relevant(chunks, receipt):
        group.setdefault(account_id, []).append(record)
        size += len(record)
        if size >= _GROUP_BYTES:
            yield group
            group, size = {}, 0
    if group:
        yield group


def _relevant(chunks: Iterable[bytes], receipt: Receipt) -> Iterator[tuple[str, bytes]]:
    for found in split_records(chunks):
        if isinstance(found, Malformed):
            _count_malformed(receipt, f"line {found.line}: {found.reason}")
            continue
        try:
            account_id = find_owner(found)
        except MalformedRecord as error:
            _count_malformed(receipt, str(error))
            continue
        if account_id is None:
            receipt.irrelevant += 1
        else:
            yield account_id, on_one_line(found)


def _count_malformed(receipt: Receipt, problem: str) -> None:
    receipt.malformed += 1
    if len(receipt.problems) < _PROBLEMS_NAMED:
        receipt.problems.append(problem)


def on_one_line(record: bytes) -> bytes:
    """JSON has line breaks only between its tokens, where a space means the same.

    >>> on_one_line(b'{\\n  "eventName": "a"\\n}')
    b'{   "eventName": "a" }'
    """
    return record.replace(b"\n", b" ").replace(b"\r", b" ")


def unpack_records(batch: InboxBatch) -> list[bytes]:
    """Give the raw records of a batch; raises MalformedRecord when it is not what was stored."""
    try:
        return [line for line in gzip.decompress(batch.records).split(b"\n") if line]
    except (OSError, EOFError, zlib.error) as error:
        raise MalformedRecord(f"batch {batch.batch_id} is damaged: {error}") from None

"""The audit log: a chain of entries for each tenant, to which entries are only ever added."""

from collections.abc import Sequence

from engine.audit import link
from engine.errors import Conflict
from engine.models.audit import TOMBSTONES, AuditChain, AuditEntry, AuditHead, AuditRecord
from store.codec import SCHEMA_VERSION, Document, decode, encode, plain, within
from store.database import OLDEST_FIRST, Database
from store.errors import translated
from store.transactions import Session

_ATTEMPTS = 10
_CHAINED: Document = {"seq": {"$gt": 0}}


class Audit:
    """The collections ``audit_log`` and ``audit_heads``.

    Whoever adds an entry first takes the next number from the tenant's head, so of two at the same time one waits for
    the other or tries its transaction again. The last of ``keys`` signs; without any, nothing is signed.
    """

    def __init__(self, database: Database, keys: Sequence[bytes] = ()) -> None:
        self._database = database
        self._keys = keys

    @translated
    async def append(self, tenant_id: str, record: AuditRecord) -> None:
        """Add an entry by itself; raise Conflict when others keep adding faster."""

        async def write(session: Session | None) -> None:
            await self.add(tenant_id, record, session)

        for _ in range(_ATTEMPTS - 1):
            try:
                return await translated(self._database.transaction)(write)
            except Conflict:
                continue
        return await self._database.transaction(write)

    async def add(self, tenant_id: str, record: AuditRecord, session: Session | None) -> None:
        """Add an entry in the same transaction as what it tells of."""
        await self.add_all(tenant_id, [record], session)

    async def add_all(self, tenant_id: str, records: Sequence[AuditRecord], session: Session | None) -> None:
        """Add entries, one at least, in the same transaction as what they tell of."""
        heads, chain = self._database.audit_heads, within(tenant_id)
        next_numbers = {"$inc": {"seq": len(records)}, "$setOnInsert": {"schema_version": SCHEMA_VERSION}}
        found = await heads.find_one_and_update(chain, next_numbers, upsert=True, session=session)
        head, entries = decode(AuditHead, found) if found else None, []
        for record in records:
            # What is hashed is what will be read again.
            stored = decode(AuditRecord, plain(record))
            entry = link(chain["tenant_id"], stored, head, self._keys)
            entries.append(encode(tenant_id, entry))
            head = AuditHead(seq=entry.seq, digest=entry.digest)
        await self._database.audit_log.insert_many(entries, session=session)
        await heads.update_one(chain, {"$set": {"digest": entry.digest}}, session=session)

    async def thin_out(self, tenant_id: str, session: Session | None) -> int:
        """Delete all entries of a tenant but tombstones; return how many there were."""
        gone = within(tenant_id, **_CHAINED, action={"$nin": [action.value for action in TOMBSTONES]})
        return (await self._database.audit_log.delete_many(gone, session=session)).deleted_count

    @translated
    async def find_chain(self, tenant_id: str) -> AuditChain:
        """The tenant's chain as it stood at one moment; empty for a tenant nobody knows."""

        async def read(session: Session | None) -> AuditChain:
            head = await self._database.audit_heads.find_one(within(tenant_id), session=session)
            found = self._database.audit_log.find(
                within(tenant_id, **_CHAINED), sort=[("seq", OLDEST_FIRST)], session=session
            )
            entries = tuple([decode(AuditEntry, document) async for document in found])
            return AuditChain(entries, decode(AuditHead, head) if head else None)

        return await self._database.transaction(read)

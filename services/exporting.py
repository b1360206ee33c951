"""Everything of a tenant, line by line."""

from collections.abc import AsyncGenerator

import msgspec

from engine.errors import Conflict
from engine.models.audit import AuditAction, AuditRecord
from services.ports import Audit, Clock
from services.ports.requests import Exports

_encoder = msgspec.json.Encoder()


class Exporting:
    """One export of a tenant at a time in one process: each reads all there is."""

    def __init__(self, exports: Exports, audit: Audit, clock: Clock) -> None:
        self._exports = exports
        self._audit = audit
        self._clock = clock
        self._under_way: set[str] = set()

    async def begin(self, tenant_id: str, by: str) -> AsyncGenerator[bytes, None]:
        """Record who exports, and give the lines. Raises Conflict while another export is under way.

        The last line says that it is whole and how many stand before it; an export without it broke off.
        """
        if tenant_id in self._under_way:
            raise Conflict("An export of this tenant is under way. Wait until it has ended.")
        await self._audit.append(tenant_id, AuditRecord(at=self._clock(), action=AuditAction.DATA_EXPORTED, actor=by))
        return self._lines(tenant_id)

    async def _lines(self, tenant_id: str) -> AsyncGenerator[bytes, None]:
        count = 0
        self._under_way.add(tenant_id)
        try:
            async for kind, document in self._exports.stream(tenant_id):
                count += 1
                yield _encoder.encode({"kind": kind, "data": document}) + b"\n"
        finally:
            self._under_way.discard(tenant_id)
        yield _encoder.encode({"kind": "end", "data": {"complete": True, "lines": count}}) + b"\n"

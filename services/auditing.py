"""Looking after tenants' audit logs: is each chain as it was written, and what is in it."""

from collections.abc import Sequence

import msgspec

from engine.audit import find_faults
from engine.models.audit import OPERATOR, AuditAction, AuditEntry, AuditHead, AuditRecord
from services.ports import Audit, Clock, SystemLookups


class Verified(msgspec.Struct, frozen=True):
    """What was found of one chain: how long it is, how much of it is signed, where it ends, and what is wrong."""

    tenant_id: str
    entries: int
    signed: int
    head: AuditHead | None
    faults: tuple[str, ...]


class Auditing:
    """For operators. A tenant is named by its id or its Slack team; an empty name stands for all, also those gone."""

    def __init__(self, audit: Audit, lookups: SystemLookups, clock: Clock, keys: Sequence[bytes]) -> None:
        self._audit = audit
        self._lookups = lookups
        self._clock = clock
        self._keys = keys

    async def verify(self, tenant: str, first: int = 1) -> list[Verified]:
        """Check each chain from entry ``first`` on; without keys, signatures are left alone."""
        return [await self._verify(tenant_id, first) for tenant_id in await self._tenant_ids(tenant)]

    async def _verify(self, tenant_id: str, first: int) -> Verified:
        chain = await self._audit.find_chain(tenant_id)
        signed = sum(bool(entry.signature) for entry in chain.entries)
        faults = find_faults(chain, self._keys, first)
        return Verified(tenant_id, len(chain.entries), signed, chain.head, tuple(faults))

    async def export(self, tenant: str) -> list[AuditEntry]:
        """Give all entries in their order; that they were exported is itself recorded, but not of tenants gone."""
        exported: list[AuditEntry] = []
        for tenant_id in await self._tenant_ids(tenant):
            entries = (await self._audit.find_chain(tenant_id)).entries
            if entries and entries[-1].action != AuditAction.TENANT_PURGED:
                record = AuditRecord(at=self._clock(), action=AuditAction.EXPORTED, actor=OPERATOR)
                await self._audit.append(tenant_id, record)
            exported += entries
        return exported

    async def _tenant_ids(self, tenant: str) -> list[str]:
        if not tenant:
            return await self._lookups.find_audited_tenants()
        found = await self._lookups.find_tenant_by_team(tenant)
        return [found.tenant_id if found else tenant]

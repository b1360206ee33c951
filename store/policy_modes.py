"""Which accounts the operator's policy makes strict, as audit logs have it: the field ``policy_strict`` of tenants."""

from collections.abc import Sequence
from typing import Any

from engine.models.audit import AuditRecord
from engine.models.policy import Policy
from store.audit import Audit
from store.codec import within
from store.database import Database
from store.errors import translated
from store.system import System
from store.transactions import Session


class PolicyModes:
    """Looks at all tenants, and writes one tenant's note and audit entries in one transaction."""

    def __init__(self, database: Database, audit: Audit, system: System) -> None:
        self._database = database
        self._audit = audit
        self._system = system

    async def find_made_strict(self, policy: Policy) -> dict[str, frozenset[str]]:
        """Tenant id -> ids of its accounts that the policy makes strict; tenants without one are left out."""
        return await self._system.find_made_strict(policy)

    async def find_noted(self) -> dict[str, frozenset[str]]:
        """Tenant id -> ids of its accounts that are noted as such; tenants without one are left out."""
        return await self._system.find_noted_strict()

    @translated
    async def note(
        self, tenant_id: str, before: frozenset[str], after: frozenset[str], records: Sequence[AuditRecord]
    ) -> bool:
        """Note ``after`` with these entries, together; False where ``before`` is not what is noted any more."""
        as_known: Any = sorted(before) or {"$in": [None, []]}

        async def write(session: Session | None) -> bool:
            query = within(tenant_id, policy_strict=as_known)
            noted = {"$set": {"policy_strict": sorted(after)}}
            if not (await self._database.tenants.update_one(query, noted, session=session)).matched_count:
                return False
            if records:
                await self._audit.add_all(tenant_id, records, session)
            return True

        return await self._database.transaction(write)

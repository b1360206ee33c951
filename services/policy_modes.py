"""Which accounts the operator's policy makes strict, in each tenant's audit log: an entry when that changes."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from engine.errors import UpstreamError
from engine.models.account import GovernanceMode
from engine.models.audit import OPERATOR, AuditAction, AuditRecord
from engine.models.policy import Policy
from services.policies import Policies
from services.ports import Clock

_log = logging.getLogger(__name__)
_AGAIN = timedelta(minutes=1)
_NAMED = 20
_NONE: frozenset[str] = frozenset()
ByTenant = Mapping[str, frozenset[str]]


class PolicyModes(Protocol):
    """What the policy says of accounts, and what of that every tenant's audit log has already."""

    async def find_made_strict(self, policy: Policy) -> ByTenant:
        """Tenant id -> ids of its accounts that the policy makes strict; tenants without one are left out."""
        ...

    async def find_noted(self) -> ByTenant:
        """Tenant id -> ids of its accounts that are noted as such; tenants without one are left out."""
        ...

    async def note(
        self, tenant_id: str, before: frozenset[str], after: frozenset[str], records: Sequence[AuditRecord]
    ) -> bool:
        """Note ``after`` with these entries, together; False where ``before`` is not what is noted any more."""
        ...


class PolicyModeFollower:
    """Compares what the policy says with what is noted, which outlasts processes: so a restart alone writes nothing.

    It looks at once when the policy was changed, and every minute for accounts that were connected since.
    """

    def __init__(self, modes: PolicyModes, policies: Policies, clock: Clock) -> None:
        self._modes = modes
        self._policies = policies
        self._clock = clock
        self._looked: tuple[GovernanceMode, Mapping[str, GovernanceMode]] | None = None
        self._look_again = clock()

    async def follow(self) -> int:
        """Write what changed for each tenant; gives for how many something did. A failed one is tried in a minute."""
        policy, now = self._policies.current(), self._clock()
        says = (policy.governance_mode, policy.accounts)
        if says == self._looked and now < self._look_again:
            return 0
        strict, noted = await asyncio.gather(self._modes.find_made_strict(policy), self._modes.find_noted())
        changed = 0
        for tenant_id in sorted(strict.keys() | noted.keys()):
            before, after = noted.get(tenant_id, _NONE), strict.get(tenant_id, _NONE)
            if before != after:
                changed += await self._note(tenant_id, before, after, _records(before, after, policy, now))
        self._looked, self._look_again = says, now + _AGAIN
        if changed:
            _log.warning("The operator's policy changed the mode of accounts. Tenants it concerns: %d.", changed)
        return changed

    async def _note(
        self, tenant_id: str, before: frozenset[str], after: frozenset[str], records: Sequence[AuditRecord]
    ) -> bool:
        """Whether it is noted and its audit log says so; what stops one tenant's note holds up no other's."""
        try:
            return await self._modes.note(tenant_id, before, after, records) and bool(records)
        except UpstreamError:
            raise
        except Exception:
            _log.exception("the policy could not be noted in the audit log of tenant %s", tenant_id)
            return False


def _records(before: frozenset[str], after: frozenset[str], policy: Policy, now: datetime) -> list[AuditRecord]:
    """An entry for what became strict and one for what need not be any more; what was disconnected is neither."""
    lifted = (one for one in before - after if not policy.makes_strict(one))
    both = {GovernanceMode.STRICT: after - before, GovernanceMode.AUDIT: lifted}
    return [_record(mode, found, now) for mode, ids in both.items() if (found := sorted(ids))]


def _record(mode: GovernanceMode, account_ids: Sequence[str], now: datetime) -> AuditRecord:
    details = {"governance_mode": mode.value, "accounts": len(account_ids), "account_ids": _listed(account_ids)}
    alone = account_ids[0] if len(account_ids) == 1 else ""
    return AuditRecord(at=now, action=AuditAction.POLICY_CHANGED, actor=OPERATOR, account_id=alone, details=details)


def _listed(account_ids: Sequence[str]) -> str:
    return " ".join(account_ids[:_NAMED])

"""The operator's panic mode: what the policy says of everybody, brought to every tenant, and one summary at its end."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from engine.errors import UpstreamError
from engine.models.account import OperatorPanic, Tenant
from engine.models.policy import Policy
from engine.models.post import Post, ResumeNotice
from services.pause_summary import PauseSummaries, first_of, notice_post
from services.policies import Policies
from services.ports import Accounts, AnomalySearch, Clock

_log = logging.getLogger(__name__)
_AT_ONCE = 500


class Panics(Protocol):
    """Panic mode as it is stored: each tenant begins and ends it in one transaction."""

    async def find_to_silence(self, by: str, why: str, limit: int) -> list[Tenant]:
        """Tenants for which it does not hold yet, or holds with other words."""
        ...

    async def find_silenced(self, limit: int) -> list[Tenant]:
        """Tenants for which it holds."""
        ...

    async def begin(self, tenant_id: str, panic: OperatorPanic) -> bool:
        """Stop alerting; where it was stopped, only the words change. True if it began."""
        ...

    async def end(
        self, tenant_id: str, now: datetime, notice: Post | None, *, paused: bool, untold_since: datetime | None
    ) -> bool:
        """Alert again, with the summary; False where somebody was faster, or ``paused`` is wrong by now."""
        ...


class PanicFollower:
    """Brings what the policy says to the tenants; whoever dies in the middle leaves the others to the next turn.

    Only the process that holds the scheduler's lease does, so that two files that differ for a moment end in one
    summary. All judge by what is stored with the tenant.
    """

    def __init__(
        self, panics: Panics, policies: Policies, accounts: Accounts, search: AnomalySearch, clock: Clock
    ) -> None:
        self._panics = panics
        self._policies = policies
        self._summaries = PauseSummaries(accounts, search)
        self._clock = clock

    async def follow(self) -> int:
        """Let panic mode begin or end for those for whom it has to; gives for how many it did."""
        policy = self._policies.current()
        changed = await (self._begin(policy) if policy.panic_mode else self._end())
        if changed:
            who = f" by {policy.panic_by}" if policy.panic_by else ""
            why = f": {policy.panic_reason}" if policy.panic_reason else ""
            said = f"paused by panic mode{who}{why}" if policy.panic_mode else "on again, panic mode has ended"
            _log.warning("Alerting is %s. Tenants it concerns: %d.", said, changed)
        return changed

    async def _begin(self, policy: Policy) -> int:
        by, why = policy.panic_by, policy.panic_reason
        tenants = await self._panics.find_to_silence(by, why, _AT_ONCE)
        panic = OperatorPanic(since=self._clock(), by=by, why=why)
        return await _for_each(tenants, lambda tenant: self._panics.begin(tenant.tenant_id, panic))

    async def _end(self) -> int:
        return await _for_each(await self._panics.find_silenced(_AT_ONCE), self._end_of)

    async def _end_of(self, tenant: Tenant) -> bool:
        """Where the tenant paused itself too nothing is sent yet, and the end of that pause tells of this as well."""
        now, panic = self._clock(), tenant.operator_panic
        since = first_of(tenant.untold_since, panic.since if panic else None) or now
        if tenant.panic_mode:
            return await self._panics.end(tenant.tenant_id, now, None, paused=True, untold_since=since)
        resumed = msgspec.structs.replace(await self._summaries.sum_up(tenant.tenant_id, since), operator=panic)
        notice = notice_post(tenant, f"panic:{now.isoformat()}", ResumeNotice(resumed=resumed), now)
        return await self._panics.end(tenant.tenant_id, now, notice, paused=False, untold_since=None)


async def _for_each(tenants: Sequence[Tenant], change: Callable[[Tenant], Awaitable[bool]]) -> int:
    """One tenant that fails by an error of ours is seen, and holds up no other."""
    changed = 0
    for tenant in tenants:
        try:
            changed += await change(tenant)
        except UpstreamError:
            raise
        except Exception:
            _log.exception("panic mode could not be changed for tenant %s", tenant.tenant_id)
    return changed

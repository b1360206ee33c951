"""A tenant's own pause: its alerts stop, and later one summary tells what was found meanwhile."""

from engine.models.account import Tenant
from engine.models.pause import Paused, Resumed
from engine.models.post import PauseNotice, ResumeNotice
from services.pause_summary import PauseSummaries, first_of, notice_post
from services.ports import Accounts, AnomalySearch, Clock, Pauses, Tenants


class Pausing:
    """Pauses and resumes; the alert channel is told of both."""

    def __init__(
        self,
        *,
        tenants: Tenants,
        accounts: Accounts,
        pauses: Pauses,
        search: AnomalySearch,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._pauses = pauses
        self._summaries = PauseSummaries(accounts, search)
        self._clock = clock

    async def pause(self, tenant_id: str, user_id: str) -> Paused:
        """Send no card any more; what is found is scored and logged."""
        tenant = await self._tenants.find_tenant(tenant_id)
        now = self._clock()
        if tenant.panic_mode:
            return Paused(tenant.paused_at or now, tenant.paused_by, newly=False)
        notice = notice_post(tenant, f"pause:{now.isoformat()}", PauseNotice(by=user_id), now)
        held = await self._pauses.pause(tenant_id, user_id, now, notice)
        if held is None:
            return await self.pause(tenant_id, user_id)
        return Paused(now, user_id, held=held)

    async def resume(self, tenant_id: str, user_id: str) -> Resumed:
        """Alert again; one summary goes to the alert channel, and no card for what is past.

        While the operator's panic mode goes on nothing is sent, and its end tells of this pause too.
        """
        tenant = await self._tenants.find_tenant(tenant_id)
        if not tenant.panic_mode:
            return Resumed(None, user_id, operator=tenant.operator_panic, is_still_paused=tenant.is_silenced)
        ended = await self._end(tenant, user_id)
        return ended if ended is not None else await self.resume(tenant_id, user_id)

    async def _end(self, tenant: Tenant, user_id: str) -> Resumed | None:
        """None where somebody else changed it meanwhile, so that what holds now has to be looked at again."""
        now, panic = self._clock(), tenant.operator_panic
        since = first_of(tenant.untold_since, tenant.paused_at) or now
        if panic is not None:
            done = await self._pauses.resume(tenant.tenant_id, user_id, now, None, in_panic=True, untold_since=since)
            return Resumed(since, user_id, operator=panic, is_still_paused=True) if done else None
        resumed = await self._summaries.sum_up(tenant.tenant_id, since, user_id)
        notice = notice_post(tenant, f"resume:{now.isoformat()}", ResumeNotice(resumed=resumed), now)
        return resumed if await self._pauses.resume(tenant.tenant_id, user_id, now, notice) else None

"""Heartbeats: each Region's scheduled rule tells us that events would reach us from there, if any happened."""

from collections.abc import Sequence

from engine.cloudtrail.envelope import Heartbeat
from engine.errors import NotFound
from engine.models.account import Arrivals
from services.arrivals import HEARTBEAT
from services.ports import Accounts, Clock, SystemLookups


class Heartbeats:
    """Writes down when a Region was heard from last. A quiet Region says nothing else."""

    def __init__(self, *, accounts: Accounts, lookups: SystemLookups, clock: Clock) -> None:
        self._accounts = accounts
        self._lookups = lookups
        self._clock = clock

    async def note(self, beats: Sequence[Heartbeat]) -> None:
        """Note them for accounts and Regions that we watch; others are nobody's.

        One that comes late, out of its queue, says no more than when it was sent, and none says anything of the future.
        """
        for account_id in sorted({beat.account_id for beat in beats}):
            await self._note(account_id, [beat for beat in beats if beat.account_id == account_id])

    async def _note(self, account_id: str, beats: Sequence[Heartbeat]) -> None:
        tenant_id = await self._lookups.find_tenant_by_account(account_id)
        if tenant_id is None:
            return
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            return
        heard = {region: one.last_record_time for region, one in account.arrivals.get(HEARTBEAT, {}).items()}
        newer = {}
        for beat in sorted(beats, key=lambda beat: beat.time):
            before, at = heard.get(beat.region), min(beat.time, self._clock())
            if beat.region in account.regions and (before is None or before < at):
                newer[beat.region] = Arrivals(last_record_time=at)
        await self._accounts.save_arrivals(tenant_id, account_id, HEARTBEAT, newer)

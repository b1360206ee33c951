"""Lets an account that was just connected show its idle resources and its bill at once, not with the next turn."""

from datetime import timedelta

from engine.errors import NotFound
from services.ports import Clock, SystemLookups
from services.spend import BillReader
from services.zombie_scans import ZombieScans

# An account whose history takes longer to read has its turn with all others.
NEW = timedelta(hours=1)


class FirstLooks:
    """What was looked at already is not due, whoever looked: nothing is done twice."""

    def __init__(self, lookups: SystemLookups, bills: BillReader, zombies: ZombieScans, clock: Clock) -> None:
        self._lookups = lookups
        self._bills = bills
        self._zombies = zombies
        self._clock = clock

    async def look(self) -> int:
        """Look at all that are new and due; gives how many were scanned for idle resources."""
        scanned = 0
        for tenant_id, account_id in await self._lookups.find_due_accounts(connected_after=self._clock() - NEW):
            try:
                await self._bills.read(tenant_id, account_id)
            except NotFound:
                continue  # It left meanwhile.
            scanned += await self._zombies.scan_if_due(tenant_id, account_id)
        return scanned

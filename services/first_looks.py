"""Lets an account that was just connected show its idle resources and its bill at once, not with the next turn."""

from datetime import timedelta
from typing import Protocol

from engine.errors import NotFound
from services.ports import Clock, SystemLookups

# An account whose history takes longer to read has its turn with all others.
NEW = timedelta(hours=1)


class Bills(Protocol):
    """Reads an account's bill where that is due."""

    async def read(self, tenant_id: str, account_id: str) -> object: ...


class Scans(Protocol):
    """Looks for an account's idle resources where that is due."""

    async def scan_if_due(self, tenant_id: str, account_id: str) -> bool: ...


class FirstLooks:
    """What was looked at already is not due, whoever looked: nothing is done twice."""

    def __init__(self, lookups: SystemLookups, bills: Bills, zombies: Scans, clock: Clock) -> None:
        self._lookups = lookups
        self._bills = bills
        self._zombies = zombies
        self._clock = clock

    async def look(self) -> int:
        """Look at all that are new and due; gives how many were scanned for idle resources."""
        scanned = 0
        for tenant_id, account_id in await self._lookups.find_due_accounts(proved_after=self._clock() - NEW):
            try:
                await self._bills.read(tenant_id, account_id)
            except NotFound:
                continue  # It left meanwhile.
            scanned += await self._zombies.scan_if_due(tenant_id, account_id)
        return scanned

"""Giving all sealed secrets the newest key."""

from typing import Protocol, TypeVar

from engine.errors import UpstreamError

_MOST_ROUNDS = 5
_NAMES = ("team_name", "installed_by", "account_id")
Row = TypeVar("Row")


class Sealed(Protocol[Row]):
    """A repository of sealed tokens, by tenant."""

    async def find_outdated(self) -> list[tuple[str, Row]]:
        """(tenant id, row as it is stored) of all that an older key sealed."""
        ...

    async def reseal(self, tenant_id: str, row: Row) -> bool:
        """Seal with the newest key; False when the row changed meanwhile."""
        ...


async def reseal_all(sealed_rows: Sealed[Row]) -> tuple[int, list[str]]:
    """Seal anew what an older key sealed; gives how many were, and what is wrong with those that could not be.

    What changes meanwhile is looked at again: a process that has only the old key may have sealed it.
    """
    sealed = 0
    for _ in range(_MOST_ROUNDS):
        troubles: list[str] = []
        for tenant_id, row in await sealed_rows.find_outdated():
            try:
                sealed += await sealed_rows.reseal(tenant_id, row)
            except UpstreamError as error:
                troubles.append(f"{_name(row) or tenant_id}: {error}")
        if len(await sealed_rows.find_outdated()) == len(troubles):
            return sealed, troubles
    return sealed, ["Some change all the time: another process still runs with the old keys alone. Start it again."]


def _name(row: object) -> str:
    """What an operator knows a row by; nothing where that is its tenant alone."""
    return next((str(known) for name in _NAMES if (known := getattr(row, name, ""))), "")

"""Giving all sealed tokens the newest key."""

from engine.errors import UpstreamError
from store.installations import Installations

_MOST_ROUNDS = 5


async def reseal_all(installations: Installations) -> tuple[int, list[str]]:
    """Seal anew what an older key sealed; gives how many were, and what is wrong with those that could not be.

    What changes meanwhile is looked at again: a process that has only the old key may have sealed it.
    """
    sealed = 0
    for _ in range(_MOST_ROUNDS):
        troubles: list[str] = []
        for tenant_id, row in await installations.find_outdated():
            try:
                sealed += await installations.reseal(tenant_id, row)
            except UpstreamError as error:
                troubles.append(f"{row.team_name or row.installed_by}: {error}")
        if len(await installations.find_outdated()) == len(troubles):
            return sealed, troubles
    return sealed, ["Some change all the time: another process still runs with the old keys alone. Start it again."]

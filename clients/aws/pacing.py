"""Never faster than AWS allows: LookupEvents takes two requests a second for each account and Region."""

import asyncio
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]


class Pacer:
    """Spaces calls of one key evenly; keys do not wait for each other. Times are seconds of a monotonic clock."""

    def __init__(self, per_second: float, monotonic: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self._interval = 1.0 / per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._next_at: dict[tuple[str, str], float] = {}

    async def wait(self, account_id: str, region: str) -> None:
        """Return when this account and Region may be asked again, and take that turn."""
        now = self._monotonic()
        turn = max(now, self._next_at.get((account_id, region), now))
        self._next_at[account_id, region] = turn + self._interval
        if turn > now:
            await self._sleep(turn - now)

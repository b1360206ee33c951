"""Messages side by side: so many at once, and of one tenant fewer, so that none holds up the others."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from typing import Generic, TypeVar

from engine.errors import UpstreamError

SIDE_BY_SIDE = 8
OF_ONE_TENANT = 3

Row = TypeVar("Row")
Claim = Callable[[Collection[str]], Awaitable[tuple[str, Row] | None]]
Attempt = Callable[[str, Row], Awaitable[None]]


class Lanes(Generic[Row]):
    """Claims what is due and attempts it. The bounds hold over all turns that are under way in this process.

    ``claim`` is given the tenants that have their share and gives (tenant id, row), or None when nothing is due;
    ``attempt`` may raise UpstreamError.
    """

    def __init__(self, claim: Claim[Row], attempt: Attempt[Row]) -> None:
        self._claim = claim
        self._attempt = attempt
        self._busy: Counter[str] = Counter()
        self._claiming = asyncio.Lock()
        self._is_closed = False

    def close(self) -> None:
        """Begin nothing more; what is under way goes on."""
        self._is_closed = True

    async def work_off(self, limit: int) -> int:
        """Attempt what is due until nothing is, or ``limit`` were attempted; gives how many were.

        The first UpstreamError is raised when all that was under way has ended: it must not cut off a call to Slack.
        """
        faults: list[UpstreamError] = []
        under_way: set[asyncio.Task[None]] = set()
        count = 0
        async with asyncio.TaskGroup() as group:
            while count < limit and not faults:
                taken = await self._take(faults)
                if taken is not None:
                    under_way.add(group.create_task(self._work(*taken, faults)))
                    count += 1
                elif not under_way:
                    break
                else:
                    _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        if faults:
            raise faults[0]
        return count

    async def _take(self, faults: list[UpstreamError]) -> tuple[str, Row] | None:
        async with self._claiming:
            if self._is_closed or self._busy.total() >= SIDE_BY_SIDE:
                return None
            try:
                taken = await self._claim([one for one, count in self._busy.items() if count >= OF_ONE_TENANT])
            except UpstreamError as error:
                faults.append(error)
                return None
            if taken is not None:
                self._busy[taken[0]] += 1
            return taken

    async def _work(self, tenant_id: str, row: Row, faults: list[UpstreamError]) -> None:
        try:
            await self._attempt(tenant_id, row)
        except UpstreamError as error:
            faults.append(error)
        finally:
            self._busy -= Counter((tenant_id,))

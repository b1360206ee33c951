"""Which of several schedulers does what only one may do."""

import asyncio
import logging
from collections.abc import Callable

from engine.errors import UpstreamError
from engine.models.lease import Lease
from services.ports import Leases

_log = logging.getLogger(__name__)

LEASE = "scheduler"
LEASE_SECONDS = 20.0
TURN_SECONDS = 5.0


class Leadership:
    """Holds the scheduler's lease, or waits for it: a leader that died is replaced within 25 seconds.

    ``leads`` ends by this process's own monotonic clock, counted from before the lease was asked for, so a process that
    slept or cannot reach the database stops leading before anybody else begins. Two that lead for a moment all the
    same do no harm: equal work is superfluous, and its effects are committed once.
    """

    def __init__(
        self, leases: Leases, holder: str, monotonic: Callable[[], float], lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._leases = leases
        self._holder = holder
        self._monotonic = monotonic
        self._seconds = lease_seconds
        self._lease: Lease | None = None
        self._until = 0.0
        self._turn = asyncio.Lock()
        self._is_over = False
        self._on_gain: list[Callable[[], None]] = []

    @property
    def leads(self) -> bool:
        """Whether this process holds the lease now."""
        return self._lease is not None and self._monotonic() < self._until

    def when_gained(self, call: Callable[[], None]) -> None:
        """Have this called whenever the lease was acquired."""
        self._on_gain.append(call)

    async def keep(self) -> None:
        """Take a turn: hold on to the lease, or try to get it. Raises UpstreamError when the database is away."""
        async with self._turn:
            if not self._is_over and not await self._renew():
                await self._acquire()

    async def _renew(self) -> bool:
        if self._lease is None:
            return False
        asked_at = self._monotonic()
        if await self._leases.renew(self._lease, self._seconds):
            self._until = asked_at + self._seconds
            return True
        _log.warning("the scheduler's lease ended; it is asked for again")
        self._lease = None
        return False

    async def _acquire(self) -> None:
        asked_at = self._monotonic()
        self._lease = await self._leases.acquire(LEASE, self._holder, self._seconds)
        if self._lease is None:
            return
        self._until = asked_at + self._seconds
        _log.info("this process leads the scheduler now (term %d)", self._lease.fence)
        for call in self._on_gain:
            call()

    async def release(self) -> None:
        """Lead no more, and let the next one lead at once."""
        async with self._turn:
            self._is_over = True
            lease, self._lease = self._lease, None
            try:
                if lease is not None:
                    await self._leases.release(lease)
            except UpstreamError as error:
                _log.warning("the scheduler's lease could not be released and ends by itself: %s", error)

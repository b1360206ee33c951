"""What would only get into each other's way is done one after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

PATIENCE_SECONDS = 2.0


class OneByOne:
    """Turns of one process, for each key by themselves.

    They spare work and make nothing right: other processes come at the same moment, and whoever has waited for the
    patience goes on beside the one who hangs.
    """

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Hold the key's turn inside the ``async with``."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        has_turn = await self._wait(lock)
        try:
            yield
        finally:
            if has_turn:
                lock.release()

    async def _wait(self, lock: asyncio.Lock) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                return await lock.acquire()
        except TimeoutError:
            return False

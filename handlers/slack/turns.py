"""So many commands are worked on at a time, so that the acknowledgements of others come in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from handlers.slack.acknowledging import Acknowledgements

AT_ONCE = 4
PATIENCE_SECONDS = 2.0


class Turns:
    """Turns in the order of asking; each lets the acknowledgements pass that are awaited when it comes.

    Whoever has waited for ``patience_seconds`` goes on anyway: what hangs on a system that does not answer must not
    hold up what does without it.
    """

    def __init__(
        self,
        acknowledgements: Acknowledgements,
        at_once: int = AT_ONCE,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._acknowledgements = acknowledgements
        self._free = asyncio.Semaphore(at_once)
        self._patience = patience_seconds

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Hold a turn inside the ``async with``."""
        has_one = await self._wait()
        try:
            await self._acknowledgements.let_pass()
            yield
        finally:
            if has_one:
                self._free.release()

    async def _wait(self) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                return await self._free.acquire()
        except TimeoutError:
            return False

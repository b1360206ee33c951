"""An SDK client that is open while somebody uses it, and closed when nobody does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from clients.aws.errors import translated

OpenClient = Callable[[], Awaitable[AbstractAsyncContextManager[Any]]]


class SharedClient:
    """One client for all who need it at the same time; ``open_client`` makes a new one after a pause."""

    def __init__(self, open_client: OpenClient) -> None:
        self._open = open_client
        self._lock = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._client: Any = None
        self._users = 0

    @asynccontextmanager
    async def use(self, doing: str) -> AsyncIterator[Any]:
        """Give the client, opened if it is not; ``doing`` is for the error when that fails."""
        async with self._lock, translated(doing):
            if not self._users:
                self._client = await self._stack.enter_async_context(await self._open())
            self._users += 1
        try:
            yield self._client
        finally:
            async with self._lock:
                self._users -= 1
                if not self._users:
                    # A closed client still holds all that it has read of AWS's service models.
                    self._client = None
                    await self._stack.aclose()

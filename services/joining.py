"""The same question, asked by many at one moment, is looked into once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
PATIENCE_SECONDS = 0.5


class Joined(Generic[T]):
    """Lets askers share a look, but never one that began before they asked.

    While a look is under way, all who ask wait for the next one together. So nobody is told what was true before they
    asked, and however many ask, a question is looked into by one after the other. All that tells one answer from
    another, the tenant first of all, must be in the key; and as the answer goes to all, nobody may change it.
    """

    def __init__(self, apart_seconds: float = 0.0, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Looks into one question begin so far ``apart`` that others may join them.

        One that takes longer than the patience holds up the next no more.
        """
        self._apart = apart_seconds
        self._patience = patience_seconds
        self._waiting: dict[Hashable, asyncio.Task[T]] = {}
        self._under_way: dict[Hashable, asyncio.Task[T]] = {}
        self._not_before: dict[Hashable, float] = {}

    async def ask(self, key: Hashable, look: Callable[[], Awaitable[T]]) -> T:
        """Give what a look that has yet to begin finds, or raise what it raises."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = asyncio.create_task(self._look(key, look, self._under_way.get(key)))
            waiting.add_done_callback(_taken_note_of)
            self._waiting[key] = waiting
        # Whoever is cancelled must not take the answer away from the others.
        return await asyncio.shield(waiting)

    async def _look(self, key: Hashable, look: Callable[[], Awaitable[T]], before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before], timeout=self._patience)
        await self._keep_apart(key)
        now = self._under_way[key] = self._waiting.pop(key)
        try:
            return await look()
        finally:
            if self._under_way.get(key) is now:
                del self._under_way[key]

    async def _keep_apart(self, key: Hashable) -> None:
        if not self._apart:
            return
        loop = asyncio.get_running_loop()
        early = self._not_before.get(key, 0.0) - loop.time()
        if early > 0:
            await asyncio.sleep(early)
        until = self._not_before[key] = loop.time() + self._apart
        loop.call_at(until, self._forget, key, until)

    def _forget(self, key: Hashable, until: float) -> None:
        if self._not_before.get(key) == until:
            del self._not_before[key]


def _taken_note_of(look: asyncio.Task[T]) -> None:
    """Whoever waits is told of a failure; where all have gone on without the answer, there is nobody to complain to."""
    if not look.cancelled():
        look.exception()

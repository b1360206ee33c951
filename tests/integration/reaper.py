"""A device that kills its own process at a named point: SIGKILL, so that nothing is tidied up."""

import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from store.connect import Store


class Point(msgspec.Struct, frozen=True):
    """Where to die: at the ``nth`` call of a method, before it, after it, or ``within`` it, when all of its transaction
    is written and nothing committed."""

    part: str
    method: str
    when: str
    nth: int = 1


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Reaper:
    """Waits for the point at which this process is to die."""

    def __init__(self, death: Point | None, store: Store) -> None:
        self._death = death
        self._calls = 0
        self._within = False
        database: Any = store._database  # noqa: SLF001 - a commit is no call of any repository
        self._transaction = database.transaction
        database.transaction = self._doomed_transaction

    def watching(self, name: str, part: Any) -> Any:
        """The part itself, unless it is the one at which to die."""
        return _Watched(part, self) if self._death is not None and self._death.part == name else part

    async def call(self, method: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do what a method does, and die on the way if this is the call."""
        if self._death is None or method != self._death.method:
            return await work()
        self._calls += 1
        if self._calls != self._death.nth:
            return await work()
        if self._death.when == "before":
            _die()
        self._within = self._death.when == "within"
        answer = await work()
        _die()
        return answer

    async def _doomed_transaction(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def die_at_last(session: Any) -> None:
            await work(session)
            _die()

        return await self._transaction(die_at_last if self._within else work)


class _Watched:
    """A part all of whose calls a reaper sees."""

    def __init__(self, part: Any, reaper: Reaper) -> None:
        self._part, self._reaper = part, reaper

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        async def call(*args: Any, **named: Any) -> Any:
            return await self._reaper.call(name, lambda: method(*args, **named))

        return call

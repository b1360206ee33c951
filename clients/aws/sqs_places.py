"""Who may work now: so many accounts at a time, and of those that read a history, which takes minutes, a quarter."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from clients.aws.sqs_messages import Received, item_of
from engine.errors import InputError
from engine.models.work import WorkKind

_MOST_WAITING = 200


class Places:
    """Places for lanes. Lanes that wait to read a history take none, so live work goes on beside them."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._limit = asyncio.Semaphore(concurrency)
        self._histories = asyncio.Semaphore(max(1, concurrency // 4))
        self._waiting = 0

    def are_full(self, lanes: int) -> bool:
        """Whether more messages would only wait. Each that waits is held by a call every twenty seconds."""
        return lanes - min(self._waiting, _MOST_WAITING) >= self._concurrency

    def ask(self, messages: Sequence[Received]) -> "Place":
        """Get in line for a place for a lane's messages."""
        slow = any(map(_is_history, messages))
        self._waiting += slow
        return Place(self, slow=slow)

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for a place and hold it."""
        async with self._limit:
            yield

    @asynccontextmanager
    async def take_slow(self, place: "Place") -> AsyncIterator[None]:
        """Wait for a place to read a history and hold it."""
        async with self._histories:
            self.leave_line(place)
            async with self._limit:
                yield

    def leave_line(self, place: "Place") -> None:
        """Stop counting a lane among those that wait for a history's place."""
        self._waiting -= place.in_line
        place.in_line = False


class Place:
    """A lane's place, asked for and taken at most once."""

    def __init__(self, places: Places, *, slow: bool) -> None:
        self._places = places
        self._slow = slow
        self.in_line = slow

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for the place and hold it."""
        async with self._places.take_slow(self) if self._slow else self._places.take():
            yield

    def leave(self) -> None:
        """Give up waiting; harmless when that is over."""
        self._places.leave_line(self)


def _is_history(message: Received) -> bool:
    with suppress(InputError):
        return item_of(message).kind is WorkKind.READ_HISTORY
    return False

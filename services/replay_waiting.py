"""Records that arrive nearly in the order of their times, put into it."""

import heapq
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


class WaitingLine(Generic[T]):
    """Lets what comes wait until ``room`` newer things came; then the earliest goes, of equals the first.

    Hardly anything comes late. What does not is in order by itself, and only the rest needs a heap.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._in_order: deque[tuple[datetime, int, T]] = deque()
        self._late: list[tuple[datetime, int, T]] = []
        self._arrivals = 0

    def push(self, time: datetime, one: T) -> T | None:
        """Take one in; give the earliest, which may be that one, when there is no more room."""
        self._arrivals += 1
        if self._in_order and time < self._in_order[-1][0]:
            heapq.heappush(self._late, (time, self._arrivals, one))
        else:
            self._in_order.append((time, self._arrivals, one))
        return self._pop() if len(self._in_order) + len(self._late) > self._room else None

    def drain(self) -> Iterator[T]:
        """Give all that wait, the earliest first."""
        while self._in_order or self._late:
            yield self._pop()

    def _pop(self) -> T:
        if self._late and (not self._in_order or self._late[0] < self._in_order[0]):
            return heapq.heappop(self._late)[2]
        return self._in_order.popleft()[2]

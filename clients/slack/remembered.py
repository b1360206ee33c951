"""What was looked up a while ago, kept for a time and never too much of it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """At most ``most`` values; who was not asked for longest goes first. ``clock`` gives seconds."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def keep(self, key: Key, value: Value, seconds: float) -> None:
        """Remember a value for so many seconds."""
        self._kept[key] = (self._clock() + seconds, value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def find(self, key: Key) -> tuple[Value] | None:
        """Give the value, in a tuple because it may be None itself; None when it is not, or no longer, known."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        until, value = kept
        if until <= self._clock():
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return (value,)

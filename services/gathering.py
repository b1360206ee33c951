"""What waits for one turn is done together."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from services.joining import Joined

Asked = TypeVar("Asked")
T = TypeVar("T")
PATIENCE_SECONDS = 2.0


class Gathered(Generic[Asked, T]):
    """While one turn of a key is at work, all that is asked of that key waits, and is done in the next turn.

    So of much that comes at one moment a little is done for each, and what comes alone is done at once. Whoever goes
    away leaves what they asked for to be done. A turn that hangs holds up the next one no longer than the patience.
    """

    def __init__(
        self,
        work: Callable[[str, Sequence[Asked]], Awaitable[Sequence[T | Exception]]],
        apart_seconds: float = 0.0,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """``work`` gives an answer for each that is asked, in their order; one that is an exception is raised."""
        self._work = work
        self._turns = Joined[Sequence[T | Exception]](apart_seconds, patience_seconds)
        self._waiting: dict[str, list[Asked]] = {}

    async def ask(self, key: str, asked: Asked) -> T:
        """Have it done in the next turn of this key; gives its answer, or raises what the whole turn raises."""
        waiting = self._waiting.setdefault(key, [])
        waiting.append(asked)
        place = len(waiting) - 1
        answer = (await self._turns.ask(key, lambda: self._work(key, self._waiting.pop(key))))[place]
        if isinstance(answer, Exception):
            raise answer
        return answer

"""What is made from the same bytes twice is there once; what became of it is told by what is there."""

from collections.abc import Awaitable
from typing import TypeVar

from engine.errors import Conflict, NotFound

T = TypeVar("T")


async def made_before(conflict: Conflict, finding: Awaitable[T]) -> T:
    """Give what an earlier try made.

    Raise ``conflict`` where there is nothing: then it was no repetition, but lost a race against another write.
    """
    try:
        return await finding
    except NotFound:
        raise conflict from None

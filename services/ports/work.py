"""Work between processes, and who may do it."""

from collections.abc import Sequence
from typing import Protocol

from engine.models.lease import Lease
from engine.models.work import WorkItem


class WorkQueue(Protocol):
    """Work in order within each account, accounts side by side."""

    async def put(self, item: WorkItem) -> None:
        """Accept the item; an equal one that still waits makes it superfluous."""
        ...

    async def put_all(self, items: Sequence[WorkItem]) -> None:
        """Accept many items, those of one account in their order; raise UpstreamError when some were not accepted."""
        ...


class DeadLetters(Protocol):
    """Work that was given up after its last try."""

    async def count_dead(self) -> int: ...


class Leases(Protocol):
    """Rights that one process holds at a time and that end by themselves, by a clock that all of them share."""

    async def acquire(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Take the lease when nobody holds it; None when somebody does, be it ``holder`` itself."""
        ...

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Hold on for so many seconds from now; False when the lease ended meanwhile, and must be acquired anew."""
        ...

    async def release(self, lease: Lease) -> None:
        """Let the next one have it at once; one that was lost already stays with whoever has it."""
        ...

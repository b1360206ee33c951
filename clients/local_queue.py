"""The work queue inside one process: an account's items in order, accounts side by side."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext

from engine.errors import Dd0cError
from engine.models.work import WorkItem, WorkKind

_log = logging.getLogger(__name__)

Handler = Callable[[WorkItem], Awaitable[None]]
_Lane = tuple[str, str]


class LocalQueue:
    """Holds nothing that would be lost with the process: whatever must happen is found again in the database."""

    def __init__(self, concurrency: int) -> None:
        """Reading a history takes minutes, so at most a quarter of ``concurrency`` may do that."""
        self._limit = asyncio.Semaphore(concurrency)
        self._histories = asyncio.Semaphore(max(1, concurrency // 4))
        self._lanes: dict[_Lane, OrderedDict[WorkItem, None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._handler: Handler | None = None

    def start(self, handler: Handler) -> None:
        """Begin to work; items that were put before wait until then."""
        self._handler = handler
        for lane in self._lanes:
            self._spawn(lane)

    async def put(self, item: WorkItem) -> None:
        """Accept an item; an equal one that still waits makes it superfluous."""
        lane = (item.tenant_id, item.account_id)
        waiting = self._lanes.get(lane)
        if waiting is not None:
            waiting.setdefault(item)
            return
        self._lanes[lane] = OrderedDict({item: None})
        if self._handler is not None:
            self._spawn(lane)

    async def put_all(self, items: Sequence[WorkItem]) -> None:
        """Accept items, those of one account in their order."""
        for item in items:
            await self.put(item)

    def depth(self) -> int:
        """How many items wait or are in work."""
        return sum(map(len, self._lanes.values())) + len(self._tasks)

    async def join(self) -> None:
        """Wait until nothing waits and nothing is in work."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self, grace_seconds: float) -> None:
        """Let what is in work finish for a while, then cut it off; nothing is lost by that."""
        self._handler = None
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, lane: _Lane) -> None:
        task = asyncio.create_task(self._run(lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: _Lane) -> None:
        """Work one account's items off, one after the other."""
        waiting = self._lanes[lane]
        while waiting and self._handler is not None:
            item, _ = waiting.popitem(last=False)
            slow = self._histories if item.kind is WorkKind.READ_HISTORY else nullcontext()
            async with slow, self._limit:
                await _handle(self._handler, item)
        if not waiting:
            del self._lanes[lane]


async def _handle(handler: Handler, item: WorkItem) -> None:
    """One failing item must not stop the account's next one; the scheduler will bring it again."""
    try:
        await handler(item)
    except Dd0cError as error:
        _log.warning("%s of account %s failed: %s", item.kind, item.account_id, error)
    except Exception:
        _log.exception("%s of account %s failed", item.kind, item.account_id)

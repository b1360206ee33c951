"""The in-process work queue, where it differs from one between processes; test_work_queue.py tests what both do."""

import asyncio

from clients.local_queue import LocalQueue
from engine.models.work import WorkItem, WorkKind
from tests.clients.test_work_queue import A, Worker, item


async def test_accounts_of_two_tenants_do_not_share_a_lane() -> None:
    queue, seen = LocalQueue(8), []
    first = asyncio.Event()

    async def work(item: WorkItem) -> None:
        seen.append(item.tenant_id)
        if item.tenant_id == "t-1":
            await first.wait()
        first.set()

    queue.start(work)
    for tenant_id in ("t-1", "t-2"):
        await queue.put(WorkItem(WorkKind.POLL, tenant_id, A))
    await queue.join()
    assert seen == ["t-1", "t-2"]


async def test_joining_waits_for_what_is_in_work_and_not_for_what_nobody_works_on() -> None:
    queue, worker = LocalQueue(8), Worker()
    await queue.put(item(A))
    await queue.join()
    assert worker.done == []
    queue.start(worker)
    await queue.join()
    assert worker.done == [(A, "")]


async def test_what_failed_is_not_tried_again_by_itself() -> None:
    """A job finds what must be done again."""
    queue, worker = LocalQueue(8), Worker()
    worker.fails = lambda _: ValueError("a bug")
    queue.start(worker)
    await queue.put(item(A))
    await queue.join()
    await worker.quiet()
    assert worker.begun == [(A, "")]


async def test_histories_leave_most_places_to_everybody_else() -> None:
    queue, begun = LocalQueue(4), []
    polled, over = asyncio.Event(), asyncio.Event()

    async def work(item: WorkItem) -> None:
        begun.append(item.kind)
        if item.kind is WorkKind.READ_HISTORY:
            await over.wait()
        else:
            polled.set()

    for number in range(6):
        await queue.put(WorkItem(WorkKind.READ_HISTORY, "t-1", f"{number:012d}"))
    await queue.put(WorkItem(WorkKind.POLL, "t-1", A))
    queue.start(work)
    await polled.wait()
    assert begun.count(WorkKind.READ_HISTORY) == 1
    over.set()
    await queue.join()
    assert begun.count(WorkKind.READ_HISTORY) == 6

"""The in-process work queue."""

import asyncio
from collections.abc import Callable

import pytest

from clients.local_queue import LocalQueue
from engine.errors import Unavailable
from engine.models.work import WorkItem, WorkKind


def item(account_id: str, subject: str = "") -> WorkItem:
    return WorkItem(WorkKind.LEARN_VERDICT, "t-1", account_id, subject)


class Worker:
    """Notes what it does; works on until its gate is open."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.busy: set[str] = set()
        self.most_busy = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails: Callable[[WorkItem], Exception | None] = lambda _: None

    async def __call__(self, item: WorkItem) -> None:
        assert item.account_id not in self.busy, "two items of one account at once"
        self.busy.add(item.account_id)
        self.most_busy = max(self.most_busy, len(self.busy))
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            error = self.fails(item)
            if error:
                raise error
            self.done.append((item.account_id, item.subject))
        finally:
            self.busy.discard(item.account_id)


async def test_an_accounts_items_keep_their_order_and_accounts_run_side_by_side() -> None:
    queue, worker = LocalQueue(8), Worker()
    queue.start(worker)
    for number in range(20):
        for account_id in "abc":
            await queue.put(item(account_id, str(number)))
    await queue.join()
    for account_id in "abc":
        assert [subject for one, subject in worker.done if one == account_id] == [str(n) for n in range(20)]
    assert worker.most_busy == 3


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
        await queue.put(WorkItem(WorkKind.POLL, tenant_id, "a"))
    await queue.join()
    assert seen == ["t-1", "t-2"]


async def test_no_more_at_once_than_allowed() -> None:
    queue, worker = LocalQueue(2), Worker()
    queue.start(worker)
    for number in range(10):
        await queue.put(item(f"account-{number}"))
    await queue.join()
    assert worker.most_busy == 2
    assert len(worker.done) == 10


async def test_what_waits_already_is_not_put_twice() -> None:
    queue, worker = LocalQueue(8), Worker()
    worker.gate.clear()
    queue.start(worker)
    await queue.put(item("a", "in work"))
    await asyncio.sleep(0.001)
    for _ in range(3):
        await queue.put(item("a", "in work"))  # it may have begun too early to see what this one is about
        await queue.put(item("a", "waiting"))
    worker.gate.set()
    await queue.join()
    assert worker.done == [("a", "in work"), ("a", "in work"), ("a", "waiting")]


@pytest.mark.parametrize("error", [Unavailable("MongoDB did not answer."), ValueError("a bug")])
async def test_a_failing_item_does_not_stop_the_next_ones(caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    queue, worker = LocalQueue(8), Worker()
    worker.fails = lambda item: error if item.subject == "bad" else None
    queue.start(worker)
    for account_id in "ab":
        for subject in ("bad", "good"):
            await queue.put(item(account_id, subject))
    await queue.join()
    assert sorted(worker.done) == [("a", "good"), ("b", "good")]
    assert caplog.text.count("learn_verdict of account") == 2
    await queue.put(item("a", "later"))
    await queue.join()
    assert ("a", "later") in worker.done


async def test_items_put_before_the_start_wait_for_it() -> None:
    queue, worker = LocalQueue(8), Worker()
    await queue.put(item("a"))
    await queue.join()
    assert worker.done == []
    queue.start(worker)
    await queue.join()
    assert worker.done == [("a", "")]


async def test_stopping_lets_what_is_in_work_finish_and_begins_nothing_new(caplog: pytest.LogCaptureFixture) -> None:
    queue, worker = LocalQueue(8), Worker()
    worker.gate.clear()
    queue.start(worker)
    for subject in ("in work", "waiting"):
        await queue.put(item("a", subject))
    await asyncio.sleep(0.001)
    stopping = asyncio.create_task(queue.stop(5.0))
    await asyncio.sleep(0.001)
    worker.gate.set()
    await stopping
    assert (worker.done, caplog.text) == ([("a", "in work")], "")


async def test_stopping_cuts_off_what_does_not_finish_in_time() -> None:
    queue, worker = LocalQueue(8), Worker()
    worker.gate.clear()
    queue.start(worker)
    await queue.put(item("a"))
    await asyncio.sleep(0.001)
    async with asyncio.timeout(2.0):
        await queue.stop(0.01)
    assert (worker.done, worker.busy) == ([], set())

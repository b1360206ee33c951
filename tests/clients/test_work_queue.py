"""What every work queue does, in one process and on SQS."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from clients.aws.sqs_lane import Timing
from clients.aws.sqs_queue import SqsQueue
from clients.local_queue import LocalQueue
from engine.errors import Unavailable
from engine.models.work import WorkItem, WorkKind
from tests.fixtures.sqs import channel_to

A, B, C = "111111111111", "222222222222", "333333333333"
GRACE = 5.0
TIMING = Timing(visibility=30, poll_wait=1, retries=(1, 1))

WorkQueue = LocalQueue | SqsQueue
MakeQueue = Callable[[int], WorkQueue]


def item(account_id: str, subject: str = "") -> WorkItem:
    return WorkItem(WorkKind.LEARN_VERDICT, "t-1", account_id, subject)


class Worker:
    """Notes what it does; works on until its gate is open."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str]] = []
        self.done: list[tuple[str, str]] = []
        self.busy: set[str] = set()
        self.most_busy = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails: Callable[[WorkItem], Exception | None] = lambda _: None
        self._changed = asyncio.Condition()

    async def __call__(self, item: WorkItem) -> None:
        assert item.account_id not in self.busy, "two items of one account at once"
        self.busy.add(item.account_id)
        self.begun.append((item.account_id, item.subject))
        self.most_busy = max(self.most_busy, len(self.busy))
        await self._tell()
        try:
            await self.gate.wait()
            error = self.fails(item)
            if error:
                raise error
            self.done.append((item.account_id, item.subject))
        finally:
            self.busy.discard(item.account_id)
            await self._tell()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30.0), self._changed:
            await self._changed.wait_for(holds)

    async def quiet(self) -> None:
        """Wait as long as a superfluous item would have needed to come."""
        before = len(self.begun)
        await asyncio.sleep(0.4)
        assert len(self.begun) == before

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture(params=["local", pytest.param("sqs", marks=pytest.mark.integration)])
async def make_queue(request: pytest.FixtureRequest) -> AsyncIterator[MakeQueue]:
    """Give queues with so many accounts at once; several on SQS are several processes' ends of the same queue."""
    made: list[WorkQueue] = []
    numbers = itertools.count()
    url = request.getfixturevalue("sqs_server").new_queue() if request.param == "sqs" else ""

    def make(concurrency: int) -> WorkQueue:
        if url:
            made.append(_on_sqs(url, concurrency, lambda: f"put-{next(numbers)}"))
        else:
            made.append(LocalQueue(concurrency))
        return made[-1]

    yield make
    for queue in made:
        await queue.stop(0.0)


def _on_sqs(url: str, concurrency: int, new_id: Callable[[], str]) -> SqsQueue:
    return SqsQueue(channel_to(url), concurrency=concurrency, new_id=new_id, timing=TIMING)


async def test_an_accounts_items_keep_their_order_and_accounts_run_side_by_side(
    make_queue: MakeQueue, worker: Worker
) -> None:
    queue = make_queue(8)
    worker.gate.clear()
    await queue.put_all([item(account_id, str(number)) for number in range(12) for account_id in (A, B, C)])
    queue.start(worker)
    await worker.until(lambda: worker.most_busy == 3)
    worker.gate.set()
    await worker.until(lambda: len(worker.done) == 36)
    for account_id in (A, B, C):
        assert [subject for one, subject in worker.done if one == account_id] == [str(number) for number in range(12)]


async def test_no_more_at_once_than_allowed(make_queue: MakeQueue, worker: Worker) -> None:
    queue = make_queue(2)
    worker.gate.clear()
    queue.start(worker)
    await queue.put_all([item(f"{number:012}") for number in range(12)])
    await worker.until(lambda: worker.most_busy == 2)
    await worker.quiet()
    worker.gate.set()
    await worker.until(lambda: len(worker.done) == 12)
    assert worker.most_busy == 2


async def test_what_waits_already_is_not_done_twice(make_queue: MakeQueue, worker: Worker) -> None:
    queue = make_queue(8)
    worker.gate.clear()
    queue.start(worker)
    await queue.put(item(A, "in work"))
    await worker.until(lambda: worker.begun == [(A, "in work")])
    for _ in range(3):
        await queue.put(item(A, "in work"))  # it may have begun too early to see what this one is about
        await queue.put(item(A, "waiting"))
    worker.gate.set()
    await worker.until(lambda: len(worker.done) == 3)
    await worker.quiet()
    assert worker.done == [(A, "in work"), (A, "in work"), (A, "waiting")]


async def test_what_is_put_again_after_it_was_done_is_done_again(make_queue: MakeQueue, worker: Worker) -> None:
    """Within SQS's five minutes, as every poll is."""
    queue = make_queue(8)
    queue.start(worker)
    for turn in (1, 2, 3):
        await queue.put(item(A))
        await worker.until(lambda turn=turn: len(worker.done) == turn)  # type: ignore[misc] # a default binds the turn
    await worker.quiet()


@pytest.mark.parametrize("error", [Unavailable("MongoDB did not answer."), ValueError("a bug")])
async def test_a_failing_item_does_not_stop_the_next_ones(
    make_queue: MakeQueue, worker: Worker, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    queue = make_queue(8)
    worker.fails = lambda item: error if item.subject == "bad" else None
    await queue.put_all([item(account_id, subject) for account_id in (A, B) for subject in ("bad", "good")])
    queue.start(worker)
    await worker.until(lambda: len(worker.done) == 2)
    assert sorted(worker.done) == [(A, "good"), (B, "good")]
    assert f"learn_verdict of account {A} failed" in caplog.text


async def test_stopping_lets_what_is_in_work_finish_and_begins_nothing_new(
    make_queue: MakeQueue, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    queue = make_queue(8)
    worker.gate.clear()
    await queue.put_all([item(A, "in work"), item(A, "waiting")])
    queue.start(worker)
    await worker.until(lambda: bool(worker.begun))
    stopping = asyncio.create_task(queue.stop(GRACE))
    await asyncio.sleep(0.05)
    worker.gate.set()
    await stopping
    assert (worker.done, caplog.text) == ([(A, "in work")], "")


async def test_stopping_cuts_off_what_does_not_finish_in_time(make_queue: MakeQueue, worker: Worker) -> None:
    queue = make_queue(8)
    worker.gate.clear()
    queue.start(worker)
    await queue.put(item(A))
    await worker.until(lambda: bool(worker.begun))
    async with asyncio.timeout(30.0):
        await queue.stop(0.01)
    assert (worker.done, worker.busy) == ([], set())


async def test_items_put_before_the_start_wait_for_it(make_queue: MakeQueue, worker: Worker) -> None:
    queue = make_queue(8)
    await queue.put(item(A))
    await worker.quiet()
    queue.start(worker)
    await worker.until(lambda: worker.done == [(A, "")])

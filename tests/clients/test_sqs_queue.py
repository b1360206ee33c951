"""The work queue on SQS where it is more than a queue: holding on, giving up, and what others put into it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Protocol

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clients.aws.sqs_lane import Timing
from clients.aws.sqs_messages import Received, body_of, item_of
from clients.aws.sqs_operator import SqsOperator
from clients.aws.sqs_queue import SqsQueue
from engine.errors import InputError, InvalidSetting, NotFound, Unavailable
from engine.models.work import WorkItem, WorkKind
from tests.clients.test_work_queue import A, B, Worker, item
from tests.fixtures.sqs import RECEIVES, SqsServer, channel_to

SHORT = Timing(visibility=1, poll_wait=1, retries=(0, 0))
HELD = Timing(visibility=4, poll_wait=1, retries=(0, 0))
LONG = Timing(visibility=30, poll_wait=1, retries=(0, 0))


class Open(Protocol):
    """Opens one more end of the queue."""

    def __call__(self, timing: Timing, concurrency: int = 8) -> SqsQueue: ...


pytestmark = pytest.mark.integration


@pytest.fixture
def url(sqs_server: SqsServer) -> str:
    return sqs_server.new_queue()


@pytest.fixture
async def open_queue(url: str) -> AsyncIterator[Open]:
    """Give any number of ends of one queue, as several processes have them."""
    made: list[SqsQueue] = []
    numbers = itertools.count()

    def new(timing: Timing, concurrency: int = 8) -> SqsQueue:
        ids = (f"put-{number}" for number in numbers)
        made.append(SqsQueue(channel_to(url), concurrency=concurrency, new_id=lambda: next(ids), timing=timing))
        return made[-1]

    yield new
    for queue in made:
        await queue.stop(0.0)


@pytest.fixture
async def operator(url: str) -> AsyncIterator[SqsOperator]:
    operator = SqsOperator(channel_to(url))
    yield operator
    await operator.close()


async def until_dead(operator: SqsOperator, count: int) -> None:
    async with asyncio.timeout(30.0):
        while await operator.count_dead() < count:  # noqa: ASYNC110 - SQS sends no word of what it does
            await asyncio.sleep(0.05)


async def test_what_takes_long_is_held_all_the_time(open_queue: Open, sqs_server: SqsServer, url: str) -> None:
    first, second = Worker(), Worker()
    first.gate.clear()
    # One that is busy asks for nothing, so the other would get it.
    mine, other = open_queue(HELD, 1), open_queue(HELD)
    mine.start(first)
    await mine.put(item(A))
    await first.until(lambda: bool(first.begun))
    other.start(second)
    await asyncio.sleep(1.5 * HELD.visibility)
    assert (second.begun, sqs_server.depth(url)) == ([], (0, 1))
    first.gate.set()
    await first.until(lambda: bool(first.done))
    await mine.stop(5.0)
    assert (second.begun, sqs_server.depth(url)) == ([], (0, 0))


async def test_what_a_dead_worker_held_is_done_in_order_by_another(
    open_queue: Open, sqs_server: SqsServer, url: str
) -> None:
    queue, worker = open_queue(SHORT), Worker()
    await queue.put_all([item(A, str(number)) for number in range(5)])
    sqs_server.client().receive_message(QueueUrl=url, MaxNumberOfMessages=3, VisibilityTimeout=1)
    queue.start(worker)
    await worker.until(lambda: len(worker.done) == 5)
    assert [subject for _, subject in worker.done] == ["0", "1", "2", "3", "4"]


async def test_histories_leave_most_places_to_everybody_else(open_queue: Open) -> None:
    queue, begun = open_queue(LONG, 4), []
    reading, polled, over, all_read = (asyncio.Event() for _ in range(4))

    async def work(item: WorkItem) -> None:
        begun.append(item.kind)
        reading.set()
        if begun.count(WorkKind.READ_HISTORY) == 12:
            all_read.set()
        if item.kind is WorkKind.READ_HISTORY:
            await over.wait()
        else:
            polled.set()

    await queue.put_all([WorkItem(WorkKind.READ_HISTORY, "t-1", f"{number:012d}") for number in range(12)])
    queue.start(work)
    async with asyncio.timeout(20.0):
        await reading.wait()
        await queue.put(WorkItem(WorkKind.POLL, "t-1", A))
        await polled.wait()
        assert begun.count(WorkKind.READ_HISTORY) == 1
        over.set()
        await all_read.wait()


async def test_what_is_not_done_at_a_stop_goes_to_another_at_once(open_queue: Open) -> None:
    first, second = Worker(), Worker()
    first.gate.clear()
    mine, other = open_queue(LONG), open_queue(LONG)
    await mine.put_all([item(A, "in work"), item(A, "waiting"), item(B, "in work")])
    mine.start(first)
    await first.until(lambda: len(first.begun) == 2)
    await mine.stop(1.5 * LONG.poll_wait)
    other.start(second)
    async with asyncio.timeout(20.0):  # Long before what is held would come back by itself.
        await second.until(lambda: len(second.done) == 3)
    assert [subject for account_id, subject in second.done if account_id == A] == ["in work", "waiting"]
    assert first.done == []


async def test_work_is_cut_off_when_its_message_is_ours_no_more(
    open_queue: Open, sqs_server: SqsServer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue, worker = open_queue(SHORT), Worker()
    worker.gate.clear()
    await queue.put(item(A))
    queue.start(worker)
    await worker.until(lambda: bool(worker.begun))
    sqs_server.client().purge_queue(QueueUrl=url)
    await worker.until(lambda: not worker.busy)
    assert worker.done == []
    assert "cut off" in caplog.text


async def test_who_comes_too_late_to_finish_leaves_what_follows_to_whoever_has_it_now(
    open_queue: Open, sqs_server: SqsServer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue, worker = open_queue(LONG), Worker()
    worker.gate.clear()
    await queue.put_all([item(A, "0"), item(A, "1")])
    queue.start(worker)
    await worker.until(lambda: bool(worker.begun))
    sqs_server.let_time_in_work_pass(url)
    taken = sqs_server.client().receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=30)
    assert [json.loads(message["Body"])["subject"] for message in taken["Messages"]] == ["0", "1"]
    worker.gate.set()
    await worker.until(lambda: bool(worker.done))
    await worker.quiet()
    await queue.stop(5.0)
    assert worker.begun == [(A, "0")]
    assert "cut off" in caplog.text
    assert sqs_server.depth(url) == (0, 2), "neither deleted nor given back by who has it no more"


async def test_what_always_fails_is_given_up_after_three_receives_and_can_be_redriven(
    open_queue: Open, operator: SqsOperator
) -> None:
    queue, worker = open_queue(LONG), Worker()
    worker.fails = lambda item: Unavailable("MongoDB did not answer.") if item.subject == "poison" else None
    await queue.put_all([item(A, "poison"), item(A, "good")])
    queue.start(worker)
    await until_dead(operator, 1)
    assert worker.begun.count((A, "poison")) == RECEIVES
    assert worker.done == [(A, "good")]
    [letter] = await operator.list_dead(10)
    assert (letter.item, letter.fault) == (item(A, "poison"), "")
    assert (await operator.list_dead(10)) == [letter], "looking takes nothing away"

    worker.fails = lambda _: None
    assert (await operator.redrive()).moved == 1
    await worker.until(lambda: (A, "poison") in worker.done)
    assert await operator.count_dead() == 0


async def test_a_redriven_letter_that_fails_again_is_given_up_again(open_queue: Open, operator: SqsOperator) -> None:
    queue, worker = open_queue(LONG), Worker()
    worker.fails = lambda _: ValueError("a bug")
    await queue.put(item(A))
    queue.start(worker)
    for _ in range(2):
        await until_dead(operator, 1)
        assert (await operator.redrive()).moved == 1
    await until_dead(operator, 1)
    assert len(worker.begun) == 3 * RECEIVES


GARBLED = {
    "not JSON": "secret-1 {",
    "a list": "[1, 2]",
    "an unknown kind": '{"kind": "secret-2", "tenant_id": "t-1", "account_id": "111111111111"}',
    "another account": body_of(item(B, "secret-3")),
    "no account": '{"kind": "poll", "tenant_id": "t-1", "account_id": "secret-4"}',
    "too large": json.dumps({"kind": "poll", "tenant_id": "secret-5" * 1000, "account_id": A}),
}


async def test_what_nobody_can_read_is_named_and_left_to_the_dead_letters(
    open_queue: Open, operator: SqsOperator, sqs_server: SqsServer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue, worker = open_queue(LONG), Worker()
    for name, body in GARBLED.items():
        sqs_server.client().send_message(
            QueueUrl=url, MessageBody=body, MessageGroupId=A, MessageDeduplicationId=name.replace(" ", "-")
        )
    await queue.put_all([item(A, "good"), item(B, "good")])
    queue.start(worker)
    await worker.until(lambda: len(worker.done) == 2)
    await until_dead(operator, len(GARBLED))
    letters = await operator.list_dead(100)
    assert len(letters) == len(GARBLED)
    assert all(letter.item is None and letter.fault and "secret" not in letter.fault for letter in letters)
    assert f"of group {A}: its body is not JSON" in caplog.text
    assert "secret" not in caplog.text
    await queue.stop(5.0)
    redriven = await operator.redrive()
    assert (redriven.moved, redriven.unreadable) == (len(GARBLED), len(GARBLED))


async def test_work_on_what_is_gone_is_done(open_queue: Open, operator: SqsOperator) -> None:
    queue, worker = open_queue(LONG), Worker()
    worker.fails = lambda _: NotFound("This tenant has no such account.")
    await queue.put(item(A))
    queue.start(worker)
    await worker.until(lambda: len(worker.begun) == 1)
    await queue.stop(5.0)
    depth = await operator.fetch_depth()
    assert (depth.waiting, depth.in_work, depth.dead) == (0, 0, 0)


async def test_the_same_put_sent_twice_is_one(open_queue: Open, url: str) -> None:
    """The SDK repeats a request whose answer was lost; SQS knows it by the put's id."""
    queues = [SqsQueue(channel_to(url), concurrency=1, new_id=lambda: "put-7", timing=LONG) for _ in range(2)]
    for queue in queues:
        await queue.put(item(A))
        await queue.stop(0.0)
    worker = Worker()
    open_queue(LONG).start(worker)
    await worker.until(lambda: bool(worker.done))
    await worker.quiet()


async def test_a_queue_that_does_not_answer_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    queue = SqsQueue(channel_to("http://127.0.0.1:1/123456789012/work.fifo"), concurrency=1, new_id=lambda: "put-1")
    with pytest.raises(Unavailable, match="Queueing work"):
        await queue.put(item(A))
    queue.start(Worker())
    async with asyncio.timeout(30.0):
        while "Trying again in 1 s." not in caplog.text:  # noqa: ASYNC110 - the log is all that shows it
            await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await queue.ping()
    await queue.stop(0.0)


async def test_the_operator_hears_what_is_wrong_with_the_queue(sqs_server: SqsServer) -> None:
    for receives, words in ((None, "no dead-letter queue"), (7, "after 7 receives"), (3, "")):
        operator = SqsOperator(channel_to(sqs_server.new_queue(receives=receives)))
        assert words in await operator.check()
        assert bool(await operator.check()) is bool(words)
        assert await operator.count_dead() == 0
        await operator.close()
    nowhere = SqsOperator(channel_to(f"{sqs_server.url}/123456789012/nowhere.fifo"))
    with pytest.raises(InvalidSetting, match=r"There is no queue at .*/nowhere\.fifo"):
        await nowhere.check()
    await nowhere.close()


def message(body: str, group_id: str = A) -> Received:
    return Received("m-1", "r-1", group_id, 1, datetime(2026, 11, 20, tzinfo=UTC), body)


@given(st.sampled_from(WorkKind), st.text(max_size=50), st.text(max_size=50), st.integers(0, 10**12 - 1))
def test_every_item_comes_back_as_it_was(kind: WorkKind, tenant_id: str, subject: str, number: int) -> None:
    sent = WorkItem(kind, tenant_id, f"{number:012}", subject)
    assert item_of(message(body_of(sent), sent.account_id)) == sent


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["kind", "tenant_id"]), inner),
)


@given(st.text() | anything.map(json.dumps))
@example('{"kind": "\ud800"}')
@example('{"deep": ' + "[" * 4_000)
def test_any_other_body_is_refused_in_a_sentence(body: str) -> None:
    with pytest.raises(InputError, match="its body"):
        item_of(message(body))

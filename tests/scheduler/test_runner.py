"""The scheduler: a failing job is a line in the log, and nothing else."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import Unavailable
from scheduler.jobs import Job
from scheduler.runner import build_scheduler, guarded, in_turn, trying_again


@dataclass
class Turns:
    """A job that counts its turns and may fail at each."""

    error: BaseException | None = None
    wanted: int = 3
    count: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        self.count += 1
        if self.count >= self.wanted:
            self.reached.set()
        if self.error:
            raise self.error


async def test_a_failing_job_stops_neither_itself_nor_the_others(caplog: pytest.LogCaptureFixture) -> None:
    bad, worse, good = Turns(Unavailable("MongoDB did not answer.")), Turns(ValueError("a bug")), Turns()
    jobs = [Job("bad", 0.01, bad.run), Job("worse", 0.01, worse.run), Job("good", 0.01, good.run)]
    scheduler = build_scheduler(jobs)
    scheduler.start()
    try:
        async with asyncio.timeout(30.0):
            await asyncio.gather(*(one.reached.wait() for one in (bad, worse, good)))
    finally:
        scheduler.shutdown(wait=False)
    assert "job bad: MongoDB did not answer." in caplog.text
    assert "job worse failed" in caplog.text
    assert "job good" not in caplog.text


async def test_a_job_never_runs_beside_itself(caplog: pytest.LogCaptureFixture) -> None:
    running, most, turns = 0, 0, asyncio.Event()
    done = 0

    async def slow() -> None:
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.03)
        running -= 1
        done += 1
        if done == 2:
            turns.set()

    scheduler = build_scheduler([Job("slow", 0.01, slow)])
    scheduler.start()
    try:
        async with asyncio.timeout(30.0):
            await turns.wait()
    finally:
        scheduler.shutdown(wait=False)
    assert most == 1
    assert caplog.records == []


class Slow:
    """A job whose turns all wait for its gate, and a clock that a test moves."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.turns = 0
        self.now = 0.0

    async def run(self) -> None:
        self.turns += 1
        await self.gate.wait()


async def test_turns_left_out_are_one_line_and_only_when_one_takes_long(caplog: pytest.LogCaptureFixture) -> None:
    slow = Slow()
    job = in_turn(Job("slow", 1.0, slow.run, beside=2), lambda: slow.now)
    both = [asyncio.ensure_future(guarded(job)()) for _ in range(2)]
    await asyncio.sleep(0)
    for slow.now in (1.0, 59.0, 60.0, 61.0, 300.0):
        await job.run()
    assert slow.turns == 2
    assert [record.getMessage() for record in caplog.records] == [
        "job slow has been at work for 60 s; turns meanwhile are left out"
    ]
    slow.gate.set()
    await asyncio.gather(*both)
    await job.run()
    assert slow.turns == 3


async def test_only_an_end_of_the_process_gets_through() -> None:
    with pytest.raises(asyncio.CancelledError):
        await guarded(Job("cancelled", 1.0, Turns(asyncio.CancelledError()).run))()


@pytest.mark.parametrize(
    ("seconds", "error", "wait"),
    [(86_400.0, ValueError("a bug"), 1800.0), (86_400.0, None, 86_400.0), (600.0, ValueError("a bug"), 600.0)],
)
async def test_what_failed_and_runs_seldom_is_tried_again_soon(
    seconds: float, error: Exception | None, wait: float
) -> None:
    turns, began = Turns(error, wanted=1), datetime.now(UTC)
    scheduler = build_scheduler([Job("daily", seconds, turns.run)])
    scheduler.start()
    async with asyncio.timeout(30.0):
        await turns.reached.wait()
    await asyncio.sleep(0)  # The turn has ended, and what follows it is done.
    due = scheduler.get_job("daily").next_run_time
    scheduler.shutdown(wait=False)
    assert began + timedelta(seconds=wait) <= due <= datetime.now(UTC) + timedelta(seconds=wait)


async def test_a_turn_that_fails_after_the_stop_moves_nothing() -> None:
    failing = Turns(ValueError("a bug"), wanted=1)
    scheduler = build_scheduler([])
    await guarded(Job("daily", 86_400.0, failing.run), trying_again(scheduler, Job("daily", 86_400.0, failing.run)))()
    assert failing.count == 1


async def test_every_job_begins_at_once() -> None:
    turns = Turns(wanted=1)
    scheduler = build_scheduler([Job("daily", 86_400.0, turns.run)])
    scheduler.start()
    async with asyncio.timeout(30.0):
        await turns.reached.wait()
    scheduler.shutdown(wait=False)
    assert turns.count == 1

"""A stop waits for turns under way, and cuts off without noise what takes too long."""

import asyncio

import pytest

from scheduler.in_flight import InFlight
from scheduler.jobs import Job
from scheduler.runner import build_scheduler


class Held:
    """A job that begins, and ends when its gate opens."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.gate = asyncio.Event()
        self.ended = False

    async def run(self) -> None:
        self.began.set()
        await self.gate.wait()
        self.ended = True


async def stop(in_flight: InFlight, held: Held, *, grace_seconds: float) -> None:
    """Stop as the process does, while the job is at work."""
    scheduler = build_scheduler([in_flight.tracked(Job("held", 3600.0, held.run))])
    scheduler.start()
    await asyncio.wait_for(held.began.wait(), 20.0)
    scheduler.pause()
    await in_flight.finish(grace_seconds)
    scheduler.shutdown(wait=False)
    await asyncio.sleep(0)


async def test_a_stop_waits_for_a_turn(caplog: pytest.LogCaptureFixture) -> None:
    held = Held()
    asyncio.get_running_loop().call_later(0.05, held.gate.set)
    await stop(InFlight(), held, grace_seconds=60.0)
    assert held.ended
    assert caplog.records == []


async def test_what_takes_longer_is_one_line_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    held = Held()
    await stop(InFlight(), held, grace_seconds=0.05)
    assert not held.ended
    (record,) = caplog.records
    assert (record.getMessage(), record.exc_info) == ("not finished after 0 s and cut off: held", None)


async def test_a_turn_that_somebody_else_cuts_off_is_no_success() -> None:
    held = Held()
    turn = asyncio.ensure_future(InFlight().tracked(Job("held", 1.0, held.run)).run())
    await held.began.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn

"""Work lets acknowledgements pass, and is not held up for ever."""

import asyncio

from slack_bolt.async_app import AsyncBoltContext

from handlers.slack.acknowledging import Acknowledgements

LONG = 60.0


async def is_held_up(work: asyncio.Task[None]) -> bool:
    await asyncio.sleep(0.05)
    return not work.done()


def at_work(acknowledgements: Acknowledgements) -> asyncio.Task[None]:
    return asyncio.create_task(acknowledgements.let_pass())


async def test_work_waits_until_all_that_came_is_acknowledged() -> None:
    acknowledgements = Acknowledgements(calm_seconds=0.001, patience_seconds=LONG)
    first, second = AsyncBoltContext(), AsyncBoltContext()
    with acknowledgements.awaited(first), acknowledgements.awaited(second):
        work = at_work(acknowledgements)
        assert await is_held_up(work)
        await first.ack()
        await first.ack()  # What is acknowledged twice counts once.
        assert await is_held_up(work)
        await second.ack("said")
        async with asyncio.timeout(10):
            await work
    assert second.ack.response is not None
    assert second.ack.response.body == "said"


async def test_what_ends_without_an_acknowledgement_is_awaited_no_more() -> None:
    acknowledgements = Acknowledgements(calm_seconds=0.001, patience_seconds=LONG)
    with acknowledgements.awaited(AsyncBoltContext()):
        work = at_work(acknowledgements)
        assert await is_held_up(work)
    async with asyncio.timeout(10):
        await work


async def test_work_waits_for_those_that_come_right_behind_each_other() -> None:
    acknowledgements = Acknowledgements(calm_seconds=LONG, patience_seconds=LONG)
    work = at_work(acknowledgements)
    async with asyncio.timeout(10):
        await work  # Nothing came lately.
    with acknowledgements.awaited(AsyncBoltContext()):
        pass
    work = at_work(acknowledgements)
    assert await is_held_up(work)
    work.cancel()


async def test_work_goes_on_where_requests_come_without_end() -> None:
    acknowledgements = Acknowledgements(calm_seconds=0.001, patience_seconds=0.01)
    with acknowledgements.awaited(AsyncBoltContext()):
        async with asyncio.timeout(10):
            await at_work(acknowledgements)


async def test_nothing_waits_where_nothing_came() -> None:
    acknowledgements = Acknowledgements(calm_seconds=LONG, patience_seconds=LONG)
    async with asyncio.timeout(10):
        await acknowledgements.let_pass()

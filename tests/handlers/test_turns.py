"""Commands are worked on a few at a time, and none waits for one that hangs."""

import asyncio

from handlers.slack.acknowledging import Acknowledgements
from handlers.slack.turns import Turns


async def test_no_more_work_at_once_than_allowed_and_in_the_order_of_asking() -> None:
    turns, at_work, most, order = Turns(Acknowledgements(), at_once=2, patience_seconds=60), 0, 0, list[int]()

    async def work(number: int) -> None:
        nonlocal at_work, most
        async with turns.taken():
            at_work += 1
            most = max(most, at_work)
            order.append(number)
            await asyncio.sleep(0)
            at_work -= 1

    await asyncio.gather(*map(work, range(9)))
    assert most == 2
    assert order == sorted(order)


async def test_whoever_waited_long_enough_goes_on_without_a_turn() -> None:
    turns = Turns(Acknowledgements(), at_once=1, patience_seconds=0.01)
    async with turns.taken(), asyncio.timeout(10), turns.taken(), turns.taken():
        pass
    async with asyncio.timeout(10), turns.taken():
        pass


async def test_a_failure_gives_its_turn_back() -> None:
    turns = Turns(Acknowledgements(), at_once=1, patience_seconds=60)
    for _ in range(3):
        try:
            async with asyncio.timeout(10), turns.taken():
                raise RuntimeError("a fault")
        except RuntimeError:
            continue
    async with asyncio.timeout(10), turns.taken():
        pass

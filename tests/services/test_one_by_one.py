"""Turns come one after the other for each key, and nobody waits for ever."""

import asyncio

from services.one_by_one import OneByOne

LONG = 60.0


async def test_one_after_the_other_for_each_key_in_the_order_of_asking() -> None:
    turns, inside, order = OneByOne(LONG), set[str](), list[tuple[str, int]]()

    async def work(key: str, number: int) -> None:
        async with turns.turn(key):
            assert key not in inside
            inside.add(key)
            order.append((key, number))
            await asyncio.sleep(0)
            inside.remove(key)

    async with asyncio.timeout(10):
        await asyncio.gather(*(work(key, number) for number in range(5) for key in ("a", "b")))
    assert [number for key, number in order if key == "a"] == list(range(5))
    assert order.index(("b", 0)) < order.index(("a", 4))


async def test_whoever_waited_long_enough_goes_on_and_failures_give_their_turn_back() -> None:
    turns = OneByOne(0.01)
    async with asyncio.timeout(10), turns.turn("a"), turns.turn("a"):
        pass
    patient = OneByOne(LONG)
    for _ in range(2):
        try:
            async with asyncio.timeout(10), patient.turn("a"):
                raise RuntimeError("a fault")
        except RuntimeError:
            continue

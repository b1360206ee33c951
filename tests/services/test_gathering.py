"""What comes while a turn is at work is done in the next one, together."""

import asyncio
from collections.abc import Sequence

import pytest

from services.gathering import Gathered


class Desk:
    """Does what is asked when it is let, and keeps what each turn was given."""

    def __init__(self) -> None:
        self.turns: list[tuple[str, list[int]]] = []
        self.gate = asyncio.Event()

    async def work(self, key: str, asked: Sequence[int]) -> list[int | Exception]:
        self.turns.append((key, list(asked)))
        await self.gate.wait()
        return [ValueError(f"not {one}") if one < 0 else one * 10 for one in asked]


async def begun(desk: Desk, turns: int) -> None:
    async with asyncio.timeout(10):
        while len(desk.turns) < turns:  # noqa: ASYNC110 - a turn tells nobody that it began
            await asyncio.sleep(0)


async def test_what_comes_during_a_turn_is_done_together_in_the_next_one_and_each_gets_its_own_answer() -> None:
    desk = Desk()
    gathered = Gathered(desk.work, patience_seconds=60)
    first = asyncio.create_task(gathered.ask("a", 1))
    await begun(desk, 1)
    later = [asyncio.create_task(gathered.ask("a", number)) for number in (2, 3, 4)]
    other = asyncio.create_task(gathered.ask("b", 5))
    await begun(desk, 2)
    desk.gate.set()
    assert (await first, await asyncio.gather(*later), await other) == (10, [20, 30, 40], 50)
    assert desk.turns == [("a", [1]), ("b", [5]), ("a", [2, 3, 4])]


async def test_one_that_fails_is_told_to_its_asker_alone() -> None:
    desk = Desk()
    desk.gate.set()
    gathered = Gathered(desk.work)
    answers = await asyncio.gather(*(gathered.ask("a", number) for number in (1, -2, 3)), return_exceptions=True)
    assert [str(one) for one in answers] == ["10", "not -2", "30"]


async def test_who_goes_away_leaves_what_they_asked_for_and_everybody_else_their_place() -> None:
    desk = Desk()
    gathered = Gathered(desk.work)
    leaving, staying = (asyncio.create_task(gathered.ask("a", number)) for number in (1, 2))
    await begun(desk, 1)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    desk.gate.set()
    assert await staying == 20
    assert desk.turns == [("a", [1, 2])]


async def test_a_turn_that_fails_or_hangs_does_not_take_the_next_one_with_it() -> None:
    began, hangs = asyncio.Event(), asyncio.Event()

    async def work(_key: str, asked: Sequence[int]) -> list[int]:
        if 1 in asked:
            began.set()
            await hangs.wait()
        if 2 in asked:
            raise ValueError("a fault")
        return list(asked)

    gathered = Gathered(work, patience_seconds=0.01)
    hanging = asyncio.create_task(gathered.ask("a", 1))
    async with asyncio.timeout(10):
        await began.wait()
        with pytest.raises(ValueError, match="a fault"):
            await gathered.ask("a", 2)
        assert await gathered.ask("a", 3) == 3
    hangs.set()
    assert await hanging == 1

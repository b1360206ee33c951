"""Whoever asks the same at one moment shares a look, and nobody is given one that began before they asked."""

import asyncio
import gc
import weakref

import pytest

from engine.errors import Unavailable
from services.joining import Joined


class Library:
    """Counts who looks; each look finds what holds when it begins, and ends when it is let."""

    def __init__(self) -> None:
        self.truth = 0
        self.looks = 0
        self.gate = asyncio.Event()

    async def look(self) -> int:
        self.looks += 1
        found = self.truth
        await self.gate.wait()
        return found


async def begun(library: Library, looks: int) -> None:
    async with asyncio.timeout(10):
        while library.looks < looks:  # noqa: ASYNC110 - a look tells nobody that it began
            await asyncio.sleep(0)


async def test_who_asks_at_one_moment_shares_a_look() -> None:
    library, joined = Library(), Joined[int]()
    library.gate.set()
    assert await asyncio.gather(*(joined.ask("a", library.look) for _ in range(9))) == [0] * 9
    assert library.looks == 1


async def test_nobody_is_given_a_look_that_began_before_they_asked() -> None:
    library, joined = Library(), Joined[int](patience_seconds=60)
    first = asyncio.create_task(joined.ask("a", library.look))
    await begun(library, 1)
    library.truth = 1
    later = [asyncio.create_task(joined.ask("a", library.look)) for _ in range(9)]
    await asyncio.sleep(0)
    assert library.looks == 1  # They wait for the next one.
    library.gate.set()
    assert (await first, await asyncio.gather(*later)) == (0, [1] * 9)
    assert library.looks == 2


async def test_other_questions_are_looked_into_by_themselves() -> None:
    library, joined = Library(), Joined[int](patience_seconds=60)
    asked = [asyncio.create_task(joined.ask(key, library.look)) for key in ("a", "b", ("a", "b"))]
    await begun(library, 3)
    library.gate.set()
    await asyncio.gather(*asked)


async def test_a_look_that_hangs_holds_nobody_up_for_ever() -> None:
    library, joined = Library(), Joined[int](patience_seconds=0.01)
    hanging = asyncio.create_task(joined.ask("a", library.look))
    await begun(library, 1)

    async def answers() -> int:
        return 7

    async with asyncio.timeout(10):
        assert await joined.ask("a", answers) == 7
    library.gate.set()
    assert await hanging == 0


async def test_a_failure_is_told_to_all_who_asked_and_to_nobody_after_them() -> None:
    joined = Joined[int]()

    async def fails() -> int:
        raise ValueError("a fault")

    async def answers() -> int:
        return 7

    failed = await asyncio.gather(*(joined.ask("a", fails) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in failed] == [ValueError] * 3
    assert await joined.ask("a", answers) == 7


@pytest.mark.parametrize("who", [0, 1])
async def test_whoever_gives_up_takes_the_answer_from_nobody(who: int) -> None:
    library, joined = Library(), Joined[int](patience_seconds=60)
    asked = [asyncio.create_task(joined.ask("a", library.look)) for _ in range(2)]
    await begun(library, 1)
    asked[who].cancel()
    library.gate.set()
    assert await asked[1 - who] == 0
    assert asked[who].cancelled()


async def test_looks_into_one_question_begin_apart_and_into_others_do_not() -> None:
    library, joined = Library(), Joined[int](apart_seconds=60)
    library.gate.set()
    async with asyncio.timeout(10):
        assert await joined.ask("a", library.look) == 0
        assert await joined.ask("b", library.look) == 0
    later = [asyncio.create_task(joined.ask("a", library.look)) for _ in range(3)]
    _, waiting = await asyncio.wait(later, timeout=0.05)
    assert len(waiting) == 3
    for one in later:
        one.cancel()


async def test_who_asks_while_looks_are_kept_apart_shares_the_next() -> None:
    library, joined = Library(), Joined[int](apart_seconds=0.05)
    library.gate.set()
    await joined.ask("a", library.look)
    library.truth = 1
    async with asyncio.timeout(10):
        assert await asyncio.gather(*(joined.ask("a", library.look) for _ in range(9))) == [1] * 9
    assert library.looks == 2


class Key:
    """One that can be watched going away."""


async def test_nothing_is_kept_of_what_was_answered() -> None:
    library, joined = Library(), Joined[int](apart_seconds=0.01)
    library.gate.set()
    key = Key()
    kept = weakref.ref(key)
    await joined.ask(key, library.look)
    del key
    async with asyncio.timeout(10):
        while kept() is not None:
            await asyncio.sleep(0.01)
            gc.collect()


async def test_nothing_is_complained_of_when_all_have_gone_before_it_failed() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    failing, joined = asyncio.Event(), Joined[int]()

    async def look() -> int:
        await failing.wait()
        raise Unavailable("MongoDB did not answer.")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await joined.ask("a", look)
    failing.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []

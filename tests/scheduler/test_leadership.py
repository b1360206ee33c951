"""Of several schedulers one leads; when it ends or dies, another does."""

import asyncio
from dataclasses import dataclass, field

import pytest

from engine.errors import Unavailable
from engine.models.lease import Lease
from scheduler.jobs import Job
from scheduler.leadership import LEASE_SECONDS, Leadership
from scheduler.runner import build_scheduler, guarded


@dataclass
class LeaseDesk:
    """Leases of which all share the clock that the tests turn."""

    now: float = 0.0
    until: dict[str, float] = field(default_factory=dict)
    fences: dict[str, int] = field(default_factory=dict)
    is_away: bool = False

    async def acquire(self, name: str, holder: str, seconds: float) -> Lease | None:
        self._answer()
        if self.until.get(name, -1.0) > self.now:
            return None
        self.until[name] = self.now + seconds
        self.fences[name] = self.fences.get(name, 0) + 1
        return Lease(name, holder, self.fences[name])

    async def renew(self, lease: Lease, seconds: float) -> bool:
        self._answer()
        if self.fences[lease.name] != lease.fence or self.until[lease.name] <= self.now:
            return False
        self.until[lease.name] = self.now + seconds
        return True

    async def release(self, lease: Lease) -> None:
        self._answer()
        if self.fences[lease.name] == lease.fence:
            self.until[lease.name] = self.now

    def _answer(self) -> None:
        if self.is_away:
            raise Unavailable("MongoDB did not answer.")


@pytest.fixture
def desk() -> LeaseDesk:
    return LeaseDesk()


@pytest.fixture
def pair(desk: LeaseDesk) -> tuple[Leadership, Leadership]:
    return Leadership(desk, "a", lambda: desk.now), Leadership(desk, "b", lambda: desk.now)


Pair = tuple[Leadership, Leadership]


def leading(pair: Pair) -> list[bool]:
    return [one.leads for one in pair]


async def test_one_leads_and_goes_on_leading(desk: LeaseDesk, pair: Pair) -> None:
    for _ in range(20):
        desk.now += 5.0
        for one in pair:
            await one.keep()
        assert leading(pair) == [True, False]
    assert desk.fences == {"scheduler": 1}


async def test_a_leader_that_dies_is_replaced_within_thirty_seconds(desk: LeaseDesk, pair: Pair) -> None:
    for one in pair:
        await one.keep()
    died_at = desk.now
    while not pair[1].leads:
        desk.now += 5.0
        await pair[1].keep()
    assert desk.now - died_at <= 30.0
    assert not pair[0].leads


async def test_a_leader_that_stops_is_replaced_at_once_and_never_leads_again(pair: Pair) -> None:
    for one in pair:
        await one.keep()
    await pair[0].release()
    await pair[0].keep()
    await pair[1].keep()
    assert leading(pair) == [False, True]


async def test_who_cannot_reach_the_database_stops_leading_before_another_begins(desk: LeaseDesk, pair: Pair) -> None:
    await pair[0].keep()
    desk.is_away = True
    while desk.until["scheduler"] > desk.now:
        assert pair[0].leads
        desk.now += LEASE_SECONDS / 2
        with pytest.raises(Unavailable):
            await pair[0].keep()
    assert leading(pair) == [False, False]
    desk.is_away = False
    await pair[0].keep()
    assert leading(pair) == [True, False]
    assert desk.fences["scheduler"] == 2


async def test_a_stop_without_the_database_is_a_line_in_the_log(
    desk: LeaseDesk, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    await pair[0].keep()
    desk.is_away = True
    await pair[0].release()
    assert "ends by itself: MongoDB did not answer." in caplog.text


async def test_only_the_leader_takes_turns_except_for_what_runs_everywhere(pair: Pair) -> None:
    turns: list[str] = []
    first, second = asyncio.Event(), asyncio.Event()

    def job(name: str, *, everywhere: bool = False) -> Job:
        async def run() -> None:
            turns.append(name)
            if {"daily of a", "cards of a", "cards of b"} <= set(turns):
                first.set()
            if "daily of b" in turns:
                second.set()

        return Job(name, 86_400.0, run, everywhere)

    await pair[0].keep()
    schedulers = [
        build_scheduler([job(f"daily of {name}"), job(f"cards of {name}", everywhere=True)], leadership)
        for name, leadership in zip("ab", pair, strict=True)
    ]
    for scheduler in schedulers:
        scheduler.start()
    async with asyncio.timeout(30.0):
        await first.wait()
    await asyncio.sleep(0.05)
    assert sorted(turns) == ["cards of a", "cards of b", "daily of a"]
    await pair[0].release()
    await pair[1].keep()  # A new leader begins with what is due once a day, too.
    async with asyncio.timeout(30.0):
        await second.wait()
    for scheduler in schedulers:
        scheduler.shutdown(wait=False)
    assert sorted(turns) == ["cards of a", "cards of b", "daily of a", "daily of b"]


async def test_a_turn_that_comes_after_the_lease_ended_does_nothing(desk: LeaseDesk, pair: Pair) -> None:
    turns = []

    async def run() -> None:
        turns.append(desk.now)

    await pair[0].keep()
    scheduler = build_scheduler([Job("late", 0.01, run)], pair[0])
    desk.now += LEASE_SECONDS
    scheduler.start()
    await asyncio.sleep(0.05)
    scheduler.shutdown(wait=False)
    assert turns == []
    await guarded(Job("alone", 1.0, run))()
    assert turns == [LEASE_SECONDS]

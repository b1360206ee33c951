"""Whatever is wrong with a trail is named and out of the way, and nothing is lost or doubled by it."""

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engine.cloudtrail.routing import find_owner
from engine.errors import AccessDenied, Unavailable
from engine.models.account import AccountStatus
from engine.models.trail import FileState
from services.file_health import FileHealth
from services.trail_files import TrailFiles, listed
from services.trail_reader import TrailReader
from services.trails import TrailListing
from tests.services.trail_places import FolderPlace, TrailWorld, Unreliable, log_file
from tests.services.world import ACCOUNT, DAY, MINUTE, TENANT, World

STRANGER = "999988887777"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(lambda records: log_file(records)[:-20], "cut off", id="truncated"),
        pytest.param(lambda records: log_file(records)[:-8] + b"\xff" * 8, "damaged gzip", id="damaged"),
    ],
)
async def test_a_damaged_file_gives_what_it_can_is_read_at_growing_gaps_and_set_aside(
    shaky: TrailWorld, unreliable: Unreliable, content: Any, problem: str
) -> None:
    world = shaky.world
    world.turn(10 * MINUTE)
    good, bad = shaky.key(), shaky.key(world.clock() - MINUTE)
    shaky.place.put(bad, content([world.launch(1) for _ in range(30)]))
    shaky.place.put(good, log_file([world.launch(1)]))
    await shaky.turn()
    assert (await shaky.region_row()).read_until == world.clock().replace(second=0)
    read_at = [0]
    minutes = (1, 2, 3, 4, 6, 8, 15, 16, 24, 32, 64)
    for before, minute in pairwise((0, *minutes)):
        world.turn((minute - before) * MINUTE)
        await shaky.turn()
        read_at += [minute] * (unreliable.opened.count(bad) - len(read_at))
    assert read_at == [0, 1, 2, 4, 8, 16, 32]
    assert unreliable.opened.count(good) == 1
    assert (await shaky.region_row()).tally.files_set_aside == 1
    [named] = await shaky.odd_files()
    assert (named.state, named.key, named.due_at) == (FileState.SET_ASIDE, bad, None)
    assert problem in named.error
    assert await shaky.cost_events() >= (25 if problem == "cut off" else 1)


async def test_a_file_that_was_set_aside_is_read_whole_when_an_operator_says_so(
    shaky: TrailWorld, unreliable: Unreliable
) -> None:
    world, bad = shaky.world, shaky.key()
    content = log_file([world.launch(1) for _ in range(30)])
    shaky.place.put(bad, content[:-20])
    for _ in range(7):
        await shaky.turn()
        world.turn(60 * MINUTE)
    [aside] = await world.store.trails.find_aside_files(9)
    later = shaky.deliver([world.launch(1)])
    await shaky.turn()
    shaky.place.put(bad, content)
    await shaky.turn()
    assert unreliable.opened[-1] == later
    now = world.clock()
    assert await world.store.trails.retry_aside_files(["another"], now, now + 36_500 * DAY) == 0
    assert await world.store.trails.retry_aside_files([aside.file_id], now, now + 36_500 * DAY) == 1
    await shaky.turn()
    assert await shaky.cost_events() == 31
    assert await world.store.trails.count_aside_files() == 0
    assert await shaky.odd_files() == []
    assert unreliable.opened == [*[bad] * 7, later, bad]


async def test_a_file_of_an_account_that_left_is_not_read_again(shaky: TrailWorld, unreliable: Unreliable) -> None:
    world, bad = shaky.world, shaky.key()
    shaky.place.put(bad, log_file([world.launch(1)])[:-9])
    await shaky.turn()
    await world.change_account(status=AccountStatus.DISCONNECTING)
    world.turn(MINUTE)
    await shaky.retries.retry_files()
    assert unreliable.opened == [bad]
    assert await world.store.trails.find_due_files(shaky.trail.name, world.clock() + DAY, 9) == []


async def test_a_store_that_gives_nothing_is_not_asked_for_every_file_that_is_due(
    shaky: TrailWorld, unreliable: Unreliable
) -> None:
    for _ in range(10):
        shaky.place.put(shaky.key(), log_file([shaky.world.launch(1)])[:-9])
    await shaky.turn()
    unreliable.refused = {".json.gz": Unavailable("no answer")}
    shaky.world.turn(MINUTE)
    await shaky.retries.retry_files()
    assert [file.unreachable for file in await shaky.odd_files()].count(True) == 3


async def test_a_record_of_another_account_is_left_out_and_named(trails: TrailWorld) -> None:
    world = trails.world
    trails.deliver(
        [{**world.launch(1), "recipientAccountId": STRANGER}, world.launch(1), {"what": "?"}, world.launch(1)]
    )
    await trails.turn()
    assert await trails.cost_events() == 2
    row = await trails.region_row()
    assert row.tally.files_read == 1
    [odd] = await trails.odd_files()
    assert (odd.state, "no record" in odd.error or STRANGER in odd.error) == (FileState.DONE, True)


async def test_a_file_deleted_between_listing_and_reading_is_named_and_not_asked_for_again(
    shaky: TrailWorld, unreliable: Unreliable
) -> None:
    world = shaky.world
    gone, stays = shaky.deliver([world.launch(1)]), shaky.deliver([world.launch(1)])
    unreliable.after_listing = lambda _: shaky.place.delete(gone)
    await shaky.listing.read_trails()
    unreliable.after_listing = None
    await shaky.turn()
    assert unreliable.opened == [gone, stays]
    assert [one.error for one in await shaky.odd_files()] == ["was deleted before it was read"]
    assert await shaky.cost_events() == 1


async def test_a_connection_that_breaks_in_the_middle_loses_nothing(shaky: TrailWorld, unreliable: Unreliable) -> None:
    world = shaky.world
    shaky.deliver([world.launch(1) for _ in range(200)])
    unreliable.cut_after = 3000
    await shaky.turn()
    row = await shaky.region_row()
    assert "the connection broke" in row.error
    assert 0 < await shaky.cost_events() < 200
    unreliable.cut_after = None
    await shaky.turn()
    assert await shaky.cost_events() == 200
    assert (await shaky.region_row()).error == ""


async def test_a_folder_that_is_denied_is_named_and_read_when_it_opens(
    shaky: TrailWorld, unreliable: Unreliable
) -> None:
    world = shaky.world
    shaky.deliver([world.launch(1)])
    shaky.deliver([world.launch(1)], region="eu-west-1")
    unreliable.refused = {"CloudTrail/eu-west-1/": AccessDenied("Listing eu-west-1: AccessDenied.")}
    await shaky.turn()
    assert await shaky.cost_events() == 1
    assert "AccessDenied" in (await shaky.region_row("eu-west-1")).error
    assert (await shaky.region_row()).error == ""
    unreliable.refused = {"AWSLogs/": AccessDenied("Listing the trail: AccessDenied.")}
    await shaky.turn()
    assert all("Listing the trail" in row.error for row in (await shaky.rows()).values())
    unreliable.refused = {}
    await shaky.turn()
    assert await shaky.cost_events() == 2
    assert not any(row.error for row in (await shaky.rows()).values())


async def test_files_that_stay_refused_for_a_day_are_set_aside_and_do_not_hold_the_others(
    shaky: TrailWorld, unreliable: Unreliable
) -> None:
    world = shaky.world
    refused = shaky.deliver([world.launch(1)])
    world.turn(5 * MINUTE)
    shaky.deliver([world.launch(1)])
    unreliable.refused = {refused: AccessDenied("Reading it: AccessDenied, because of its key.")}
    await shaky.turn()
    held = (await shaky.region_row()).read_until
    assert await shaky.cost_events() == 1
    world.turn(DAY)
    await shaky.turn()
    row = await shaky.region_row()
    assert held is not None
    assert row.read_until is not None
    assert row.read_until > held
    assert row.tally.files_set_aside == 1


async def test_a_store_that_gives_nothing_is_not_asked_for_every_file(
    shaky: TrailWorld, unreliable: Unreliable
) -> None:
    for _ in range(10):
        shaky.deliver([shaky.world.launch(1)])
    unreliable.refused = {".json.gz": Unavailable("no answer")}
    asked: list[Any] = []
    unreliable.after_listing = asked.append
    await shaky.turn()
    known = await shaky.files.find_known([one for page in asked for one in map_listed(shaky, page)])
    assert [file.state for file in known.values()] == [FileState.FAILED] * 3
    unreliable.refused = {}
    await shaky.turn()
    assert await shaky.cost_events() == 10


def map_listed(trails: TrailWorld, page: Any) -> Any:
    return [one for one in (listed(trails.trail, file) for file in page) if one]


@pytest.mark.parametrize("method", ["save_batches", "save_file", "count_files", "save_row"])
async def test_a_database_that_goes_away_anywhere_leaves_everything_to_the_next_turn(
    trails: TrailWorld, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    world = trails.world
    trails.deliver([world.launch(1) for _ in range(5)])

    async def fail(*_: object) -> None:
        raise Unavailable("MongoDB did not answer")

    owner: Any = world.store.inbox if method == "save_batches" else world.store.trails
    with monkeypatch.context() as patched:
        patched.setattr(owner, method, fail)
        with pytest.raises(Unavailable):
            await trails.listing.read_trails()
    assert not any(row.read_until for row in (await trails.rows()).values())
    await trails.turn()
    assert await trails.cost_events() == 5


class Crash(BaseException):
    """What ``kill -9`` looks like from inside: nothing below catches it."""


class Mortal:
    """A part of a process that dies before or after a certain call, counted over all such parts."""

    calls = 0
    dies_at = 0

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        async def call(*args: Any, **named: Any) -> Any:
            self._step()
            result = await method(*args, **named)
            self._step()
            return result

        return call

    @staticmethod
    def _step() -> None:
        Mortal.calls += 1
        if Mortal.calls == Mortal.dies_at:
            raise Crash


@pytest.mark.parametrize("dies_at", range(1, 40))
async def test_a_process_that_dies_anywhere_loses_nothing_and_doubles_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    """A file of several parts, a second copy of some of its records, and a crash at every step of the first turn."""
    monkeypatch.setattr("services.trail_splitting._PART_RECORDS", 4)
    place = FolderPlace(tmp_path / "trail")
    trails = TrailWorld(world, place)
    records = [world.launch(1) for _ in range(10)]
    trails.deliver(records)
    trails.deliver([*records[7:], world.launch(1)])
    first = TrailWorld(world, place)
    monkeypatch.setattr(Mortal, "calls", 0)
    monkeypatch.setattr(Mortal, "dies_at", dies_at)
    inbox: Any = Mortal(world.store.inbox)
    rows: Any = Mortal(world.store.trails)
    reader = TrailReader(inbox=inbox, archiving=None, queue=world.queue, clock=world.clock)
    files = TrailFiles(reader, rows, world.clock, remember=36_500 * DAY)
    listing = TrailListing(trails=[first.trail], files=files, rows=rows, clock=world.clock)
    with suppress(Crash):
        await listing.read_trails()
    assert Mortal.calls >= dies_at or dies_at > 20
    await trails.settle()
    await trails.turn()
    assert await trails.cost_events() == 11
    assert not await world.store.inbox.find_batches(TENANT, ACCOUNT, 9)
    assert (await trails.region_row()).error == ""


async def test_troubles_are_told_in_sentences(shaky: TrailWorld, unreliable: Unreliable) -> None:
    world = shaky.world
    health = FileHealth(rows=world.store.trails, archiving=None, clock=world.clock)
    good = shaky.deliver([world.launch(1)])
    bad = shaky.key(region="eu-west-1")
    shaky.place.put(bad, log_file([world.launch(1)])[:-9])
    unreliable.refused = {good: AccessDenied("Reading it: AccessDenied.")}
    await shaky.turn()
    assert await health.find_troubles([STRANGER]) == ()
    again = f"Log files of account {ACCOUNT} in {{}}: 1 to be read again; latest: "
    assert await health.find_troubles([ACCOUNT]) == (
        f"Log files of account {ACCOUNT} in us-east-1 cannot be read: Reading it: AccessDenied.",
        f"{again.format('us-east-1')}{good.rpartition('/')[2]}: Reading it: AccessDenied.",
        f"{again.format('eu-west-1')}{bad.rpartition('/')[2]}: is gzip that was cut off; what is there was read",
    )
    unreliable.refused = {}
    for _ in range(6):
        world.turn(60 * MINUTE)
        await shaky.turn()
    [aside] = await health.find_troubles([ACCOUNT])
    assert "in eu-west-1: 1 set aside (`dd0c queue retry` reads them again); latest:" in aside


async def test_every_bad_file_is_counted_and_the_latest_few_are_named(trails: TrailWorld) -> None:
    world = trails.world
    health = FileHealth(rows=world.store.trails, archiving=None, clock=world.clock)
    keys = []
    for letter in "abcdefghijkl":
        trails.deliver([{"what": "?"}], region=f"us-{letter}-1")
    for _ in range(5):
        keys.append(trails.key(region="eu-west-1"))
        trails.place.put(keys[-1], log_file([world.launch(1)])[:-9])
        world.turn(timedelta(seconds=1))
        await trails.turn()
    *named, rest = await health.find_troubles([ACCOUNT])
    assert "in eu-west-1: 5 to be read again; latest: " in named[0]
    assert [key for key in keys if key.rpartition("/")[2] in named[0]] == keys[-3:]
    assert "in us-l-1: 1 read as far as possible; latest: " in named[1]
    assert len(named) == 10
    assert rest == "3 files of other accounts and Regions"
    world.turn(2 * DAY)
    assert len(await health.find_troubles([ACCOUNT])) == 1


async def test_a_file_that_brings_out_a_fault_of_ours_is_set_aside_like_a_damaged_one(
    trails: TrailWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(raw: bytes) -> str | None:
        if b"stumble" in raw:
            raise ZeroDivisionError
        return find_owner(raw)

    monkeypatch.setattr("services.trail_splitting.find_owner", stumble)
    world = trails.world
    trails.deliver([{**world.launch(1), "eventName": "stumble"}])
    trails.deliver([world.launch(1)])
    for _ in range(7):
        await trails.turn()
        world.turn(60 * MINUTE)
    assert await trails.cost_events() == 1
    [aside] = await trails.odd_files()
    assert (aside.state, aside.error) == (FileState.SET_ASIDE, "could not be read (ZeroDivisionError)")

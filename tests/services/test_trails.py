"""Trails' log files: every one read, each record with one effect, and whatever is wrong named and out of the way."""

import gzip
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from engine.errors import AccessDenied, Unavailable
from engine.models.account import AccountStatus
from engine.models.trail import FileState
from services.file_health import FileHealth
from services.trail_files import TrailFiles, listed
from services.trail_reader import TrailReader
from services.trails import TrailListing
from tests.services.trail_places import BucketPlace, FolderPlace, Place, TrailWorld, log_file
from tests.services.world import ACCOUNT, DAY, HOUR, MINUTE, REGION, TENANT, World

STRANGER = "999988887777"
ORGANISATION = "o-abcdefghij/"


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.integration)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty trail."""
    if request.param == "folder":
        return FolderPlace(tmp_path / "trail")
    return BucketPlace(request.getfixturevalue("s3_url"), f"trail-{uuid4().hex}")


@pytest.fixture
def trails(world: World, place: Place) -> TrailWorld:
    return TrailWorld(world, place)


class Unreliable:
    """A store that fails as told: for a key or folder that contains a text, before or in the middle of a file."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.refused: dict[str, Exception] = {}
        self.cut_after: int | None = None
        self.opened: list[str] = []
        self.after_listing: Any = None

    def _check(self, name: str) -> None:
        for text, error in self.refused.items():
            if text in name:
                raise error

    async def find_folders(self, folder: str) -> list[str]:
        self._check(folder)
        return list(await self._store.find_folders(folder))

    async def find_files(self, folder: str, after: str) -> AsyncGenerator[Any, None]:
        self._check(folder)
        async for page in self._store.find_files(folder, after):
            if self.after_listing:
                self.after_listing(page)
            yield page

    @asynccontextmanager
    async def open(self, key: str) -> AsyncIterator[Any]:
        self._check(key)
        self.opened.append(key)
        async with self._store.open(key) as chunks:
            yield self._cut(chunks) if self.cut_after is not None else chunks

    async def _cut(self, chunks: Any) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk[: self.cut_after]
            raise Unavailable("the connection broke")


@pytest.fixture
def unreliable(place: Place) -> Unreliable:
    return Unreliable(place.store)


@pytest.fixture
def shaky(world: World, place: Place, unreliable: Unreliable) -> TrailWorld:
    return TrailWorld(world, place, wrapped=unreliable)


async def test_a_file_takes_effect_and_is_read_once(shaky: TrailWorld, unreliable: Unreliable) -> None:
    world = shaky.world
    key = shaky.deliver(
        [
            world.launch(),
            {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "eventTime": "2025-11-21T04:00:00Z"},
        ]
    )
    await shaky.turn()
    await shaky.turn()
    assert unreliable.opened == [key]
    assert len(await world.anomalies()) == 1
    row = await shaky.region_row()
    assert (row.tally.files_read, row.tally.records_kept, row.error, row.tally.problem) == (1, 1, "", "")
    assert row.read_until == world.clock().replace(second=0)
    assert row.tally.last_read_at == world.clock()


async def test_files_that_come_up_to_an_hour_late_are_found(trails: TrailWorld) -> None:
    world = trails.world
    trails.deliver([world.launch(1)])
    await trails.turn()
    world.turn(50 * MINUTE)
    trails.deliver([world.launch(1)])
    await trails.turn()
    trails.deliver([world.launch(1, ago=55 * MINUTE)], world.clock() - 55 * MINUTE)
    await trails.turn()
    assert await trails.cost_events() == 3


async def test_the_days_go_on_over_midnight_and_over_a_week_away(trails: TrailWorld) -> None:
    world = trails.world
    for _ in range(3):
        trails.deliver([world.launch(1)])
        await trails.turn()
        world.turn(DAY)
    for hours in range(0, 24 * 8, 12):
        trails.deliver([world.launch(1, ago=hours * HOUR)], world.clock() - timedelta(hours=hours))
    await trails.turn()
    # The cursor stands at the third day's file, so all of the last days' files lie behind it but those before it.
    assert await trails.cost_events() == 3 + len([hours for hours in range(0, 24 * 8, 12) if hours <= 24])


async def test_what_was_delivered_before_the_account_was_connected_is_left_to_its_history(trails: TrailWorld) -> None:
    world = trails.world
    trails.deliver([world.launch(1, ago=3 * HOUR)], world.clock() - 3 * HOUR)
    trails.deliver([world.launch(1)])
    await trails.turn()
    assert await trails.cost_events() == 1


async def test_records_that_arrive_twice_in_different_files_have_one_effect(trails: TrailWorld) -> None:
    world = trails.world
    records = [world.launch(1) for _ in range(20)]
    trails.deliver(records)
    trails.deliver([*records[10:], world.launch(1)])
    await trails.turn()
    trails.deliver(records[:5])
    await trails.turn()
    assert await trails.cost_events() == 21


async def test_an_organisations_trail_feeds_the_accounts_we_know_and_names_others_once(
    trails: TrailWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world = trails.world
    trails.deliver([world.launch(1)], org=ORGANISATION)
    trails.deliver([{**world.launch(1), "recipientAccountId": STRANGER}], account=STRANGER, org=ORGANISATION)
    await trails.turn()
    await trails.turn()
    assert await trails.cost_events() == 1
    named = [message for message in caplog.messages if STRANGER in message and "HTTP" not in message]
    assert named == [f"trail {trails.trail.name}: Files of account {STRANGER} are skipped: it is not connected."]
    row = (await trails.rows())[f"AWSLogs/{ORGANISATION}{STRANGER}/"]
    assert "not connected" in row.error


async def test_an_account_that_is_connected_later_is_read_from_then_on(trails: TrailWorld) -> None:
    world = trails.world
    await world.change_account(status=AccountStatus.PENDING)
    trails.deliver([world.launch(1)])
    await trails.turn()
    assert not await world.store.inbox.find_batches(TENANT, ACCOUNT, 9)
    await world.change_account(status=AccountStatus.ACTIVE)
    await trails.turn()
    assert await trails.cost_events() == 1
    assert (await trails.rows())[f"AWSLogs/{ACCOUNT}/"].error == ""


async def test_the_rows_of_an_account_that_left_go(trails: TrailWorld) -> None:
    trails.deliver([trails.world.launch(1)])
    await trails.turn()
    await trails.world.change_account(status=AccountStatus.DISCONNECTING)
    await trails.turn()
    assert {folder for folder, row in (await trails.rows()).items() if row.region} == set()


async def test_digests_insights_and_other_files_are_left_alone(shaky: TrailWorld, unreliable: Unreliable) -> None:
    key = shaky.key()
    for other in (
        key.replace("/CloudTrail/", "/CloudTrail-Digest/"),
        key.replace("/CloudTrail/", "/CloudTrail-Insight/"),
        key.replace("/CloudTrail/", "/Config/"),
        key + ".tmp",
        key.replace(".json.gz", ".json"),
        f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/readme.txt",
        f"AWSLogs/{ACCOUNT}/CloudTrail/odd name/2025/01/01/{'x' * 200}.json.gz",
        f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2025/11/21/new\nline.json.gz",
        "AWSLogs/notes/1.json.gz",
    ):
        if "\n" in other and isinstance(shaky.place, BucketPlace):
            continue  # The server at hand takes no such key; a folder does.
        shaky.place.put(other, log_file([shaky.world.launch(1)]))
    await shaky.turn()
    assert unreliable.opened == []
    assert not any(row.error or row.tally.problem for row in (await shaky.rows()).values())


async def test_a_trail_without_accounts_says_so(trails: TrailWorld) -> None:
    trails.place.put("elsewhere/file.json.gz", b"x")
    await trails.turn()
    assert "check the address" in (await trails.rows())[""].error
    trails.deliver([trails.world.launch(1)])
    await trails.turn()
    assert (await trails.rows())[""].error == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(lambda records: log_file(records)[:-20], "cut off", id="truncated"),
        pytest.param(lambda records: log_file(records)[:-8] + b"\xff" * 8, "damaged gzip", id="damaged"),
    ],
)
async def test_a_damaged_file_gives_what_it_can_three_times_and_is_set_aside(
    shaky: TrailWorld, unreliable: Unreliable, content: Any, problem: str
) -> None:
    world = shaky.world
    world.turn(10 * MINUTE)
    good, bad = shaky.key(), shaky.key(world.clock() - MINUTE)
    shaky.place.put(bad, content([world.launch(1) for _ in range(30)]))
    shaky.place.put(good, log_file([world.launch(1)]))
    read_until: list[Any] = []
    for _ in range(5):
        await shaky.turn()
        read_until.append((await shaky.region_row()).read_until)
    assert unreliable.opened.count(bad) == 3
    assert unreliable.opened.count(good) == 1
    row = await shaky.region_row()
    assert row.tally.files_set_aside == 1
    assert problem in row.tally.problem
    assert bad in row.tally.problem
    assert read_until[0] < read_until[2] == world.clock().replace(second=0)
    assert await shaky.cost_events() >= (25 if problem == "cut off" else 1)


async def test_a_record_of_another_account_is_left_out_and_named(trails: TrailWorld) -> None:
    world = trails.world
    trails.deliver(
        [{**world.launch(1), "recipientAccountId": STRANGER}, world.launch(1), {"what": "?"}, world.launch(1)]
    )
    await trails.turn()
    assert await trails.cost_events() == 2
    row = await trails.region_row()
    assert row.tally.files_read == 1
    assert row.tally.problem


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
    assert "was deleted before it was read" in (await shaky.region_row()).tally.problem
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


async def test_a_name_from_the_future_does_not_carry_the_cursor_away(trails: TrailWorld) -> None:
    world = trails.world
    trails.deliver([world.launch(1)], world.clock() + 400 * DAY)
    await trails.turn()
    world.turn(HOUR)
    trails.deliver([world.launch(1)])
    await trails.turn()
    assert await trails.cost_events() == 2


async def test_a_long_backlog_is_read_in_turns(trails: TrailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.trails._FILES_A_TURN", 3)
    for minute in range(8):
        trails.deliver([trails.world.launch(1)], trails.world.clock() + minute * MINUTE)
    trails.world.turn(10 * MINUTE)
    counts = []
    for _ in range(4):
        await trails.turn()
        counts.append(await trails.cost_events())
    assert counts == [3, 6, 8, 8]


async def test_pretty_printed_records_take_effect(trails: TrailWorld) -> None:
    records = json.dumps({"Records": [trails.world.launch(1)]}, indent=2).encode()
    trails.place.put(trails.key(), gzip.compress(records))
    await trails.turn()
    assert await trails.cost_events() == 1


@pytest.mark.integration
async def test_a_trail_takes_effect_once_over_a_real_database(real_world: World, tmp_path: Path) -> None:
    trails = TrailWorld(real_world, FolderPlace(tmp_path / "trail"))
    records = [real_world.launch(1) for _ in range(60)]
    for start in range(0, 60, 20):
        trails.deliver(records[max(0, start - 7) : start + 20])
    for _ in range(2):
        await trails.turn()
    assert await trails.cost_events() == 60
    assert (await trails.region_row()).tally.files_read == 3


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


async def test_troubles_are_told_in_sentences_for_a_day(shaky: TrailWorld, unreliable: Unreliable) -> None:
    world = shaky.world
    health = FileHealth(rows=world.store.trails, archiving=None, clock=world.clock)
    good = shaky.deliver([world.launch(1)])
    bad = shaky.key(region="eu-west-1")
    shaky.place.put(bad, log_file([world.launch(1)])[:-9])
    unreliable.refused = {good: AccessDenied("Reading it: AccessDenied.")}
    await shaky.turn()
    assert await health.find_troubles([STRANGER]) == ()
    assert await health.find_troubles([ACCOUNT]) == (
        f"Log files of account {ACCOUNT} in eu-west-1: {bad}: is gzip that was cut off; what is there was read",
        f"Log files of account {ACCOUNT} in us-east-1 cannot be read: Reading it: AccessDenied.",
    )
    unreliable.refused = {}
    for _ in range(2):
        await shaky.turn()
    [aside] = [one for one in await health.find_troubles([ACCOUNT]) if "eu-west-1" in one]
    assert aside.endswith("; 1 set aside so far")
    world.turn(DAY)
    assert await health.find_troubles([ACCOUNT]) == ()

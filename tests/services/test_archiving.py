"""The archive: every record once, whatever is repeated, and never in the way of watching."""

import asyncio
import errno
import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest
from click.testing import CliRunner

from bot.cli import main
from clients.archive_folder import ArchiveFolder
from clients.aws.archive_bucket import ArchiveBucket
from clients.aws.files import own_s3
from engine.errors import Rejected, Unavailable
from engine.examples import FlatPrices
from engine.models.account import AccountStatus
from services.archiving import Archiving
from services.intake import Intake
from services.leaving import Departures
from services.ports import Archive
from tests.services.trail_places import BucketPlace, FolderPlace, TrailWorld, identity
from tests.services.world import ACCOUNT, DAY, HOUR, TENANT, World, raw

OTHER = "222233334444"


class Kept(Protocol):
    """An archive and what is in it."""

    archive: Archive

    def objects(self) -> dict[str, bytes]: ...


class KeptInFolder:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.archive: Archive = ArchiveFolder(root)

    def objects(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.root)): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    def break_one(self) -> None:
        """Leave an object as a crash would in the middle of writing it."""
        [name] = self.objects()
        (self.root / name).rename(self.root / f"{name}.7.part")


class KeptInBucket:
    def __init__(self, url: str) -> None:
        self.place = BucketPlace(url, f"archive-{uuid4().hex}")
        self.archive: Archive = ArchiveBucket(self.place.bucket, "kept", own_s3(identity(url), None))

    def objects(self) -> dict[str, bytes]:
        listed = self.place.s3.list_objects_v2(Bucket=self.place.bucket, Prefix="kept/").get("Contents", ())
        names = [found["Key"] for found in listed]
        return {
            name.removeprefix("kept/"): self.place.s3.get_object(Bucket=self.place.bucket, Key=name)["Body"].read()
            for name in names
        }


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.integration)])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "folder":
        return KeptInFolder(tmp_path / "archive")
    return KeptInBucket(request.getfixturevalue("s3_url"))


def records_in(kept: Kept) -> list[Any]:
    return [json.loads(line) for content in kept.objects().values() for line in gzip.decompress(content).splitlines()]


def archiving(kept: Kept, clock: Callable[[], datetime]) -> Archiving:
    """As after a start: nothing is remembered."""
    return Archiving(kept.archive, 30, clock)


async def test_records_are_kept_by_account_and_hour(world: World, kept: Kept) -> None:
    records = [world.launch(1), world.launch(1, ago=HOUR), world.launch(1)]
    await archiving(kept, world.clock).append(TENANT, ACCOUNT, raw(records))
    assert sorted(name.rsplit("_", 1)[0] for name in kept.objects()) == [
        f"{TENANT}/{ACCOUNT}/2025/11/21/{ACCOUNT}_archive_20251121T0300Z",
        f"{TENANT}/{ACCOUNT}/2025/11/21/{ACCOUNT}_archive_20251121T0400Z",
    ]
    assert sorted(record["eventID"] for record in records_in(kept)) == sorted(record["eventID"] for record in records)


async def test_a_batch_that_is_repeated_after_a_restart_makes_no_second_copy(world: World, kept: Kept) -> None:
    records = raw([world.launch(1) for _ in range(10)])
    await archiving(kept, world.clock).append(TENANT, ACCOUNT, records)
    before = kept.objects()
    await archiving(kept, world.clock).append(TENANT, ACCOUNT, [*reversed(records), records[0]])
    assert kept.objects() == before


async def test_polls_that_overlap_keep_a_record_once(world: World, kept: Kept) -> None:
    records = raw([world.launch(1) for _ in range(10)])
    kept_by = archiving(kept, world.clock)
    for start in range(8):
        await kept_by.append(TENANT, ACCOUNT, records[start : start + 3])
    assert len(records_in(kept)) == 10


@pytest.mark.parametrize(
    "odd",
    [
        b"what?\nnothing",
        b"",
        b"\xff\xfe",
        b'{"eventTime": "9999-12-31T23:59:59-14:00"}',
        b'{"eventTime": "0001-01-01T00:00:00Z"}',
    ],
)
async def test_what_is_no_record_is_kept_too(world: World, kept: Kept, odd: bytes) -> None:
    """Whatever arrived may be looked at later; it is filed under the hour of its arrival."""
    await archiving(kept, world.clock).append(TENANT, ACCOUNT, [odd])
    [(name, content)] = kept.objects().items()
    assert "20251121T0400Z" in name
    assert gzip.decompress(content) == odd.replace(b"\n", b" ") + b"\n"


async def test_pruning_deletes_what_is_too_old_and_nothing_else(world: World, kept: Kept) -> None:
    kept_by = archiving(kept, world.clock)
    await kept_by.append(TENANT, ACCOUNT, raw([world.launch(1), world.launch(1, ago=31 * DAY)]))
    await kept_by.append(TENANT, OTHER, raw([world.launch(1, ago=32 * DAY)]))
    assert await kept_by.prune() == 2
    assert len(records_in(kept)) == 1
    assert await kept_by.prune() == 0


async def test_what_a_crash_left_half_written_is_pruned_in_its_time(world: World, tmp_path: Path) -> None:
    kept = KeptInFolder(tmp_path)
    kept_by = archiving(kept, world.clock)
    await kept_by.append(TENANT, ACCOUNT, raw([world.launch(1, ago=31 * DAY)]))
    kept.break_one()
    assert await kept_by.prune() == 1
    assert kept.objects() == {}


async def test_an_account_that_leaves_takes_its_objects_along(world: World, kept: Kept) -> None:
    kept_by = archiving(kept, world.clock)
    await kept_by.append(TENANT, ACCOUNT, raw([world.launch(1), world.launch(1, ago=DAY)]))
    await kept_by.append(TENANT, OTHER, raw([world.launch(1)]))
    assert await kept.archive.delete_account(TENANT, ACCOUNT) == 2
    assert [name.split("/")[1] for name in kept.objects()] == [OTHER]
    assert await kept.archive.delete_account(TENANT, ACCOUNT) == 0


@pytest.mark.parametrize("name", ["..", "a/b", "", "a\nb", "x" * 100])
async def test_names_that_lead_elsewhere_are_refused(world: World, kept: Kept, name: str) -> None:
    with pytest.raises(Rejected, match="archive"):
        await kept.archive.save_object(name, ACCOUNT, "abc", world.clock(), b"x")
    with pytest.raises(Rejected, match="archive"):
        await kept.archive.delete_account(TENANT, name)


async def test_a_full_disk_is_named_once_and_stops_no_intake(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept = KeptInFolder(tmp_path)
    kept_by = archiving(kept, world.clock)
    intake = Intake(world.store.ledger, world.store.accounts, FlatPrices(), world.clock, kept_by)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        for _ in range(2):
            await intake.ingest(TENANT, ACCOUNT, raw([world.launch(1)]))
    assert "No space left on device" in kept_by.trouble
    assert caplog.text.count("the archive takes no records") <= 2
    assert kept.objects() == {}
    assert (await world.baseline()).events == 2
    await intake.ingest(TENANT, ACCOUNT, raw([world.launch(1)]))
    assert kept_by.trouble == ""
    assert len(records_in(kept)) == 1


async def test_records_are_in_the_archive_before_they_take_effect(world: World, tmp_path: Path) -> None:
    """So a crash between the two costs nothing: the same batch comes again and is the same object."""
    kept = KeptInFolder(tmp_path)

    class Away:
        async def find_known_event_ids(self, *_: object) -> set[str]:
            raise Unavailable("MongoDB did not answer")

    away: Any = Away()
    records = raw([world.launch(1)])
    with pytest.raises(Unavailable):
        await Intake(away, world.store.accounts, FlatPrices(), world.clock, archiving(kept, world.clock)).ingest(
            TENANT, ACCOUNT, records
        )
    before = kept.objects()
    assert len(before) == 1
    await Intake(
        world.store.ledger, world.store.accounts, FlatPrices(), world.clock, archiving(kept, world.clock)
    ).ingest(TENANT, ACCOUNT, records)
    assert kept.objects() == before
    assert (await world.baseline()).events == 1


async def test_a_trails_records_are_all_kept_once(world: World, tmp_path: Path) -> None:
    kept = KeptInFolder(tmp_path / "archive")
    kept_by = archiving(kept, world.clock)
    world.intake = Intake(world.store.ledger, world.store.accounts, FlatPrices(), world.clock, kept_by)
    trails = TrailWorld(world, FolderPlace(tmp_path / "trail"), archiving=kept_by)
    free = {**world.launch(1), "eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "eventID": "free"}
    launch = world.launch(1)
    trails.deliver([launch, free])
    trails.deliver([free, launch])
    await trails.turn()
    assert sorted(record["eventID"] for record in records_in(kept)) == sorted(["free", launch["eventID"]])


def test_replay_reads_the_archive_as_it_is(tmp_path: Path) -> None:
    """From a cold start the archive gives the cost events that were taken in when the records arrived."""

    async def fill(world: World) -> None:
        kept_by = archiving(KeptInFolder(tmp_path / "archive"), world.clock)
        for minutes in range(0, 300, 60):
            ago = timedelta(minutes=minutes)
            await kept_by.append(TENANT, ACCOUNT, raw([world.launch(1, ago=ago), world.launch(2, ago=ago)]))

    class NoStore:
        def __getattr__(self, _name: str) -> None:
            """Whatever part the world hands out, this test uses none."""

    store: Any = NoStore()
    asyncio.run(fill(World(store)))
    result = CliRunner().invoke(main, ["replay", str(tmp_path / "archive"), "--format", "jsonl"])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.output.splitlines()]
    times = [line["event_time"] for line in lines if line["kind"] == "cost_event"]
    assert len(times) == 10
    assert times == sorted(times)
    assert lines[-1]["records_read"] == 10
    assert lines[-1]["records_malformed"] == lines[-1]["duplicates"] == 0


async def test_purging_an_account_deletes_its_archive_before_its_tombstone_is_set_up(
    world: World, tmp_path: Path
) -> None:
    kept = KeptInFolder(tmp_path)
    kept_by = archiving(kept, world.clock)
    await kept_by.append(TENANT, ACCOUNT, raw([world.launch(1), world.launch(1, ago=DAY)]))
    store = world.store
    departures = Departures(
        accounts=store.accounts,
        tenants=store.tenants,
        leaving=store.leaving,
        lookups=store.system,
        queue=world.queue,
        clock=world.clock,
        archiving=kept_by,
    )
    await world.change_account(status=AccountStatus.DISCONNECTING)
    await departures.purge(TENANT, ACCOUNT)
    assert kept.objects() == {}
    [tombstone] = await store.leaving.find_tombstones(TENANT)
    assert tombstone.counts["archive"] == 2

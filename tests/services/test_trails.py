"""Trails' log files: every one found and read, and each record with one effect."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest

from engine.models.account import AccountStatus
from tests.services.trail_places import BucketPlace, FolderPlace, TrailWorld, Unreliable, log_file
from tests.services.world import ACCOUNT, DAY, HOUR, MINUTE, REGION, TENANT, World

STRANGER = "999988887777"
ORGANISATION = "o-abcdefghij/"


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
    assert (row.tally.files_read, row.tally.records_kept, row.error) == (1, 1, "")
    assert await shaky.odd_files() == []
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
    assert not any(row.error for row in (await shaky.rows()).values())
    assert await shaky.odd_files() == []


async def test_a_trail_without_accounts_says_so(trails: TrailWorld) -> None:
    trails.place.put("elsewhere/file.json.gz", b"x")
    await trails.turn()
    assert "check the address" in (await trails.rows())[""].error
    trails.deliver([trails.world.launch(1)])
    await trails.turn()
    assert (await trails.rows())[""].error == ""


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

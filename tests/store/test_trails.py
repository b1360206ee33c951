"""How far trails were read, and what became of their files."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.models.account import AccountStatus
from engine.models.trail import FileState, OddFiles, TrailAccount, TrailFile, TrailTally
from store.connect import Store
from tests.store.conftest import Motor
from tests.store.samples import ACCOUNT, HOUR, NOW, OTHER_TENANT, TENANT, account, tenant, trail_file, trail_row

# MongoDB forgets by its own clock, which knows nothing of the tests' dates.
LATER = datetime(2199, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def test_proven_accounts_of_all_tenants_are_found(store: Store) -> None:
    await store.tenants.save_tenant(tenant(OTHER_TENANT))
    await store.accounts.insert_account(OTHER_TENANT, account("222233334444", status=AccountStatus.LEARNING))
    await store.accounts.insert_account(OTHER_TENANT, account("333344445555", status=AccountStatus.PENDING))
    found = await store.trails.find_accounts()
    connected = account().connected_at
    assert sorted(found, key=lambda one: one.account_id) == [
        TrailAccount(TENANT, ACCOUNT, connected),
        TrailAccount(OTHER_TENANT, "222233334444", connected),
    ]


async def test_a_row_keeps_its_tally_when_its_cursor_moves(store: Store) -> None:
    await store.trails.save_row(trail_row(error="AccessDenied"))
    await store.trails.count_files(trail_row(), TrailTally(files_read=2, records_kept=7, last_read_at=NOW))
    await store.trails.count_files(trail_row(), TrailTally(files_read=1, files_set_aside=1))
    await store.trails.save_row(trail_row(read_until=NOW + HOUR))
    [row] = await store.trails.find_rows("s3://trail")
    tally = TrailTally(files_read=3, files_set_aside=1, records_kept=7, last_read_at=NOW)
    assert row == trail_row(read_until=NOW + HOUR, tally=tally)
    assert await store.trails.find_account_rows([ACCOUNT, "none"]) == [row]
    assert not await store.trails.find_rows("s3://another")
    assert not await store.trails.find_account_rows([])


async def test_counting_comes_before_the_first_cursor(store: Store) -> None:
    """A notice may name a file of a folder that was never listed."""
    await store.trails.count_files(trail_row(), TrailTally(files_read=1))
    [row] = await store.trails.find_rows("s3://trail")
    assert (row.account_id, row.region, row.read_until, row.error) == (ACCOUNT, "us-east-1", None, "")


async def test_a_file_is_found_as_it_was_written_last(store: Store) -> None:
    assert await store.trails.find_files([]) == {}
    await store.trails.save_file(trail_file(attempts=1), LATER)
    await store.trails.save_file(trail_file(attempts=2, state=FileState.SET_ASIDE, error="cut off"), LATER)
    found = await store.trails.find_files(["file-1", "file-2"])
    assert found == {"file-1": trail_file(attempts=2, state=FileState.SET_ASIDE, error="cut off")}


async def test_failed_files_are_found_when_they_are_due_and_in_that_order(store: Store) -> None:
    for number, minutes in enumerate((2, 0, 1, 9)):
        file = trail_file(file_id=f"f-{number}", trail="s3://trail", due_at=NOW + minutes * MINUTE)
        await store.trails.save_file(file, LATER)
    await store.trails.save_file(trail_file(file_id="done", trail="s3://trail", state=FileState.DONE), LATER)
    await store.trails.save_file(trail_file(file_id="other", trail="s3://another", due_at=NOW), LATER)
    now = NOW + 5 * MINUTE
    assert [one.file_id for one in await store.trails.find_due_files("s3://trail", now, 9)] == ["f-1", "f-2", "f-0"]
    assert [one.file_id for one in await store.trails.find_due_files("s3://trail", now, 1)] == ["f-1"]
    await store.trails.forget_file("f-1")
    assert [one.file_id for one in await store.trails.find_due_files("s3://trail", now, 1)] == ["f-2"]


async def test_odd_files_are_counted_by_region_and_state(store: Store) -> None:
    def odd(file_id: str, **fields: Any) -> TrailFile:
        place = {"account_id": ACCOUNT, "region": "us-east-1", "error": "odd", "noted_at": NOW}
        return trail_file(file_id=file_id, **{**place, **fields})

    for file in (
        odd("1"),
        odd("2", noted_at=NOW - HOUR),
        odd("3", state=FileState.SET_ASIDE, noted_at=NOW + MINUTE),
        odd("4", state=FileState.DONE),
        odd("5", state=FileState.DONE, noted_at=NOW - HOUR),
        odd("6", state=FileState.DONE, error="", noted_at=None),
        odd("7", region="eu-west-1", noted_at=NOW + HOUR),
        odd("8", account_id="222233334444"),
    ):
        await store.trails.save_file(file, LATER)
    since = NOW - MINUTE
    assert await store.trails.count_odd_files([ACCOUNT, "none"], since) == [
        OddFiles(account_id=ACCOUNT, region="eu-west-1", newest=NOW + HOUR, failed=1),
        OddFiles(account_id=ACCOUNT, region="us-east-1", newest=NOW + MINUTE, failed=2, set_aside=1, settled=1),
    ]
    found = await store.trails.find_odd_files(ACCOUNT, "us-east-1", since, 9)
    assert {one.file_id for one in found} == {"1", "2", "3", "4"}
    assert found[0].file_id == "3"
    assert len(await store.trails.find_odd_files(ACCOUNT, "us-east-1", since, 2)) == 2


async def test_rows_that_are_forgotten_are_gone_and_no_others(store: Store) -> None:
    await store.trails.save_row(trail_row())
    await store.trails.save_row(trail_row(folder="stays"))
    await store.trails.save_row(trail_row(trail="s3://another"))
    await store.trails.forget_rows("s3://trail", [trail_row().folder])
    rows = await store.trails.find_account_rows([ACCOUNT])
    assert {(row.trail, row.folder) for row in rows} == {
        ("s3://trail", "stays"),
        ("s3://another", trail_row().folder),
    }


@pytest.mark.integration
async def test_two_who_write_the_same_row_at_once_write_one(real_store: Store, real_database: Motor) -> None:
    await asyncio.gather(
        *(real_store.trails.count_files(trail_row(), TrailTally(files_read=1)) for _ in range(5)),
        *(real_store.trails.save_file(trail_file(), LATER) for _ in range(5)),
    )
    assert await real_database["trails"].count_documents({}) == 1
    assert (await real_store.trails.find_rows("s3://trail"))[0].tally.files_read == 5

"""``dd0c backup`` and ``dd0c restore``: everything, as of one moment, and nothing that is damaged."""

import asyncio
import gzip
import io
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError, UpstreamError
from store.backup_frames import end, frame, head, read_frames
from store.connect import Store, connect
from tests.integration.bot_process import DD0C, basic_environment
from tests.store import samples


def raw(**fields: Any) -> RawBSONDocument:
    return RawBSONDocument(bson.encode(fields))


def whole(*documents: tuple[str, RawBSONDocument]) -> bytes:
    counts: dict[str, int] = {}
    for name, _ in documents:
        counts[name] = counts.get(name, 0) + 1
    return head() + b"".join(frame(*one) for one in documents) + end(counts)


ODD = whole(("accounts", raw(_id=1, text="ä\0b")), ("baselines", raw(_id=b"x", many=[1.5, None, {"a": 2}])))


def test_documents_come_back_to_the_last_bit() -> None:
    found = list(read_frames(io.BytesIO(ODD)))
    assert [(name, bson.decode(document.raw)) for name, document in found] == [
        ("accounts", {"_id": 1, "text": "ä\0b"}),
        ("baselines", {"_id": b"x", "many": [1.5, None, {"a": 2}]}),
    ]


@given(st.integers(min_value=0, max_value=len(ODD) - 1))
def test_a_file_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(InputError):
        list(read_frames(io.BytesIO(ODD[:length])))


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=len(ODD)))
def test_whatever_is_no_backup_is_refused_in_our_words(junk: bytes, start: int) -> None:
    for content in (junk, ODD[:start] + junk):
        if content == ODD:
            continue
        try:
            list(read_frames(io.BytesIO(content)))
        except InputError:
            continue
        raise AssertionError("It was taken for a backup.")


@pytest.mark.parametrize("name", ["system.users", "$cmd", "", "a" * 65, "Accounts"])
def test_a_collection_that_cannot_be_ours_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be ours"):
        list(read_frames(io.BytesIO(whole((name, raw(_id=1))))))


@pytest.fixture
async def databases(mongod_uri: str) -> AsyncIterator[tuple[str, Store, str]]:
    """A store with data, its database, and the name of an empty one."""
    full, empty = (f"test-{uuid4().hex[:12]}" for _ in range(2))
    store = await connect(mongod_uri, full)
    await store.tenants.save_tenant(samples.tenant())
    await store.accounts.insert_account(samples.tenant().tenant_id, samples.account())
    database = store._database.motor  # noqa: SLF001 - what no repository writes
    await database["spare"].insert_many([{"_id": number, "text": "x" * 200} for number in range(3000)])
    await database["leases"].insert_one({"_id": "scheduler"})
    yield full, store, empty
    for name in (full, empty):
        await store._database.motor.client.drop_database(name)  # noqa: SLF001 - no other way to the driver
    store.close()


async def command(folder: Path, uri: str, database: str, *words: str | Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        DD0C,
        *words,
        env={**basic_environment(folder), "MONGODB_URI": uri, "DD0C_DATABASE": database},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert b"Traceback" not in said
    return process.returncode or 0, said.decode()


async def content(store: Store, database: str) -> dict[str, list[Any]]:
    found = store._database.motor.client[database]  # noqa: SLF001 - no port reads all
    names = await found.list_collection_names()
    return {name: rows async for name, rows in _rows(found, names) if rows}


async def _rows(database: Any, names: list[str]) -> AsyncIterator[tuple[str, list[Any]]]:
    for name in names:
        yield name, await database[name].find({}, sort=[("_id", 1)]).to_list(None)


@pytest.mark.integration
async def test_what_was_backed_up_is_restored_into_an_empty_database_only(
    databases: tuple[str, Store, str], mongod_uri: str, tmp_path: Path
) -> None:
    full, store, empty = databases
    file = tmp_path / "dd0c.backup"
    status, said = await command(tmp_path, mongod_uri, full, "backup", file)
    assert status == 0, said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    status, said = await command(tmp_path, mongod_uri, empty, "restore", file)
    assert (status, said) == (0, f"restored 3,003 documents from {file}\n")
    before, after = await content(store, full), await content(store, empty)
    assert before.pop("leases")
    assert after == before
    status, said = await command(tmp_path, mongod_uri, empty, "restore", file)
    assert status == 1
    assert "is not empty" in said
    assert await content(store, empty) == before
    status, said = await command(tmp_path, mongod_uri, full, "backup", file)
    assert (status, "is there already" in said) == (1, True)


@pytest.mark.integration
async def test_a_backup_is_of_one_moment_whoever_writes_meanwhile(databases: tuple[str, Store, str]) -> None:
    _, store, _ = databases
    database = store._database.motor  # noqa: SLF001 - a writer that no repository knows
    pieces = []
    async for piece in store.backup().frames():
        pieces.append(piece)
        if len(pieces) == 3:
            await database["spare"].insert_one({"_id": "late"})
            await database["spare"].delete_one({"_id": 2999})
            await database["tenants"].update_many({}, {"$set": {"team_name": "late"}})
    found = [(name, bson.decode(one.raw)) for name, one in read_frames(io.BytesIO(b"".join(pieces)))]
    spare = [row["_id"] for name, row in found if name == "spare"]
    assert sorted(spare) == list(range(3000))
    assert "late" not in str([row for name, row in found if name == "tenants"])


async def _until_its_end(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass


@pytest.mark.integration
async def test_reading_that_ends_in_the_middle_is_told_in_our_words(databases: tuple[str, Store, str]) -> None:
    full, store, _ = databases
    database = store._database.motor  # noqa: SLF001 - no port ends somebody else's reading
    reading: list[dict[str, Any]] = [{"$currentOp": {"idleCursors": True}}, {"$match": {"ns": f"{full}.spare"}}]
    pieces = store.backup().frames()
    for _ in range(100):
        await anext(pieces)
    (cursor,) = await database.client.admin.aggregate(reading).to_list(None)
    await database.command("killCursors", "spare", cursors=[cursor["cursor"]["cursorId"]])
    with pytest.raises(UpstreamError, match="MongoDB refused the request"):
        await _until_its_end(pieces)


@pytest.mark.integration
async def test_a_damaged_file_writes_nothing(
    databases: tuple[str, Store, str], mongod_uri: str, tmp_path: Path
) -> None:
    _, store, empty = databases
    packed = gzip.compress(ODD)
    for number, bad in enumerate((packed[:-9], b"no backup", gzip.compress(ODD[:-3]), gzip.compress(b"{}"), b"")):
        file = tmp_path / f"bad-{number}"
        file.write_bytes(bad)
        status, said = await command(tmp_path, mongod_uri, empty, "restore", file)
        assert status == 1, said
        assert "Error: " in said
    assert await content(store, empty) == {}

"""The bot's own mongod, for real: started, killed in every way, moved, refused."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from bot.mongod import (
    DataDirectoryBusy,
    LocalMongod,
    MongodBroken,
    MongodError,
    MongodFailed,
    MongodMissing,
    find_mongod,
    preflight,
)
from engine.errors import Rejected, Unavailable
from store.replica_set import ensure_primary

pytestmark = pytest.mark.integration

BOT_THAT_HANGS = """
import asyncio, pathlib, sys
from bot.mongod import LocalMongod
from store.replica_set import ensure_primary

async def main():
    mongod = LocalMongod(pathlib.Path(sys.argv[1]), ensure_primary=ensure_primary)
    print(await mongod.start(), mongod.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def local_mongod(data_dir: Path, **options: Any) -> LocalMongod:
    return LocalMongod(data_dir, ensure_primary=ensure_primary, **options)


@asynccontextmanager
async def collection(uri: str) -> AsyncIterator[Any]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, serverSelectionTimeoutMS=10_000)
    try:
        yield client.trial.notes
    finally:
        client.close()


async def write_in_transaction(uri: str, text: str) -> None:
    async with (
        collection(uri) as notes,
        await notes.database.client.start_session() as session,
        session.start_transaction(),
    ):
        await notes.insert_one({"_id": text}, session=session)


async def notes_at(uri: str) -> set[str]:
    async with collection(uri) as notes:
        return {note["_id"] async for note in notes.find()}


def port_of(uri: str) -> int:
    return int(uri.removeprefix("mongodb://127.0.0.1:").partition("/")[0])


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def parent_of(pid: str) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_an_aborted_transaction_leaves_nothing_and_a_committed_one_stays(tmp_path: Path) -> None:
    async with local_mongod(tmp_path / "mongod") as uri:
        await write_in_transaction(uri, "committed")
        async with collection(uri) as notes, await notes.database.client.start_session() as session:
            session.start_transaction()
            await notes.insert_one({"_id": "aborted"}, session=session)
            await session.abort_transaction()
        assert await notes_at(uri) == {"committed"}
    assert (tmp_path / "mongod").stat().st_mode & 0o777 == 0o700


async def test_the_data_follows_to_another_port_when_the_old_one_is_taken(tmp_path: Path) -> None:
    mongod = local_mongod(tmp_path)
    before = await mongod.start()
    await write_in_transaction(before, "first")
    await mongod.stop()
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", port_of(before)))
        async with mongod as after:
            assert port_of(after) != port_of(before)
            await write_in_transaction(after, "second")
            assert await notes_at(after) == {"first", "second"}


async def test_a_killed_mongod_is_reported_and_starts_again_where_clients_look_for_it(tmp_path: Path) -> None:
    mongod = local_mongod(tmp_path)
    before = await mongod.start()
    async with collection(before) as notes:
        await notes.insert_one({"_id": "kept"})
        assert mongod.pid is not None
        os.kill(mongod.pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            sentence = await mongod.died()
        assert sentence is not None
        assert sentence == f"mongod ended with status {128 + signal.SIGKILL}: {tmp_path}/mongod.log names no error."
        assert await mongod.start() == before
        assert await notes.find_one() == {"_id": "kept"}
    await mongod.stop()


async def test_a_mongod_that_was_frozen_goes_on(tmp_path: Path) -> None:
    """Its guard hears of that by the signal that tells of an end, too."""
    mongod = local_mongod(tmp_path)
    async with mongod as uri:
        pid = mongod.pid
        assert pid is not None
        watcher = asyncio.create_task(mongod.died())
        for _ in range(3):
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(0.1)
            os.kill(pid, signal.SIGCONT)
            await write_in_transaction(uri, str(uuid4()))
        assert mongod.pid == pid
        assert len(await notes_at(uri)) == 3
        assert not watcher.done()
    assert await watcher is None


async def test_a_stop_that_was_asked_for_is_no_death(tmp_path: Path) -> None:
    mongod = local_mongod(tmp_path)
    await mongod.start()
    watcher = asyncio.create_task(mongod.died())
    await asyncio.sleep(0)
    await mongod.stop()
    assert await watcher is None
    assert mongod.pid is None


@pytest.mark.parametrize("victims", ["bot", "bot and guard", "bot and mongod"])
async def test_after_kill_9_nothing_survives_and_the_next_start_has_the_data(tmp_path: Path, victims: str) -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOT_THAT_HANGS, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert bot.stdout is not None
    uri, mongod_pid = (await bot.stdout.readline()).decode().split()
    await write_in_transaction(uri, "kept")
    guard_pid = parent_of(mongod_pid)
    bot.kill()
    if "guard" in victims:
        os.kill(guard_pid, signal.SIGKILL)
    if "mongod" in victims:
        os.kill(int(mongod_pid), signal.SIGKILL)
    await bot.wait()
    async with local_mongod(tmp_path) as next_uri:
        assert not is_running(int(mongod_pid))
        assert not is_running(guard_pid)
        assert await notes_at(next_uri) == {"kept"}


async def test_a_second_bot_is_refused_and_the_first_one_keeps_working(tmp_path: Path) -> None:
    async with local_mongod(tmp_path) as uri:
        with pytest.raises(DataDirectoryBusy) as refusal:
            await local_mongod(tmp_path).start()
        assert str(refusal.value) == (
            f"{tmp_path} is in use by process {os.getpid()}: stop it, or set DD0C_DATA_DIR to another directory."
        )
        await write_in_transaction(uri, "still here")


async def test_unusable_data_is_reported_with_what_the_log_says(tmp_path: Path) -> None:
    (tmp_path / "db" / "mongod.lock").mkdir(parents=True)
    with pytest.raises(MongodFailed, match=r"mongod ended with status \d+ "):
        await local_mongod(tmp_path).start()


async def test_a_mongod_that_never_becomes_primary_is_given_up_and_stopped(tmp_path: Path) -> None:
    mongod = local_mongod(tmp_path, start_timeout_seconds=0.01)
    with pytest.raises(MongodFailed, match=r"did not become primary within 0\.01 s"):
        await mongod.start()
    async with local_mongod(tmp_path) as uri:
        await write_in_transaction(uri, "works with more patience")


async def test_a_node_of_another_set_is_left_alone(tmp_path: Path) -> None:
    async with local_mongod(tmp_path) as uri:
        with pytest.raises(Rejected, match="belongs to the replica set dd0c"):
            await ensure_primary("127.0.0.1", port_of(uri), "other", 5.0)


async def test_a_silent_port_is_no_primary() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable, match="did not become primary"):
            await ensure_primary("127.0.0.1", nobody.getsockname()[1], "dd0c", 0.2)


async def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(MongodError, match="cannot hold a database"):
        await local_mongod(path).start()


def test_without_any_mongod_the_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MongodMissing) as refusal:
        find_mongod(wheel="no-such-distribution")
    assert str(refusal.value) == (
        "There is no mongod on this machine: install MongoDB 6.0 or newer, "
        "or set MONGODB_URI to a MongoDB that runs elsewhere."
    )


def test_a_mongod_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = program(tmp_path / "mongod", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mongod() == mine


async def test_the_wheels_mongod_is_found_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (await preflight(find_mongod())).startswith("db version v6.0.")


LOADER = "mongod: error while loading shared libraries: {}: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\x7fgarbage", r"cannot be run \(Exec format error\): install another mongod, or set MONGODB_URI"),
        ("#!/bin/sh\necho hello", r"does not behave like mongod \(status 0\): install another one, or set"),
        ("#!/bin/sh\nkill -ILL $$", "needs a processor with AVX"),
        (f"#!/bin/sh\necho '{LOADER.format('libcurl.so.4')}' >&2; exit 127", "install the Debian package libcurl4, or"),
        (
            f"#!/bin/sh\necho '{LOADER.format('libcrypto.so.3')}' >&2; exit 127",
            "install the Debian package libssl3, or",
        ),
        (f"#!/bin/sh\necho '{LOADER.format('libodd.so.1')}' >&2; exit 127", r"is missing: install libodd\.so\.1, or"),
    ],
)
async def test_a_binary_that_does_not_run_is_refused_with_a_remedy(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(MongodBroken, match=sentence):
        await local_mongod(tmp_path / "data", binary=program(tmp_path / "mongod", text)).start()
    assert not (tmp_path / "data").exists()


async def test_a_binary_that_is_not_there_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(MongodBroken, match=r"cannot be run \(No such file or directory\)"):
        await preflight(tmp_path / "nowhere")

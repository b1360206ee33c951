"""The disk of the archive is full: a real file system of one megabyte."""

import asyncio
import gzip
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.world import World, world

pytestmark = pytest.mark.integration


@pytest.fixture
async def small_disk(tmp_path: Path) -> AsyncIterator[Path]:
    """A folder that holds one megabyte."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a file system that is small enough to be full")
    folder = tmp_path / "disk"
    folder.mkdir()
    if await _run("mount", "-t", "tmpfs", "-o", "size=1m,nosuid,nodev,noexec", "tmpfs", str(folder)) != 0:
        pytest.skip("this machine lets nobody mount a file system, as most containers do not")
    try:
        yield folder
    finally:
        assert await _run("umount", str(folder)) == 0


async def _run(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait()


@short_and_nightly("seconds", 1, 120)
async def test_the_archives_disk_is_full(seconds: int, small_disk: Path, tmp_path: Path, mongod_uri: str) -> None:
    """Watching goes on without it, it is said so, and what comes once there is room is kept again."""
    ballast, archive = small_disk / "ballast", small_disk / "archive"
    async with (
        world(tmp_path, mongod_uri, DD0C_ARCHIVE_URL=archive.as_uri()) as site,
        audited(site, f"archive's disk full for {seconds} s"),
    ):
        fill(ballast)
        kept = len(archived(archive))
        assert kept, "it kept records while there was room"
        (bot,) = site.bots
        await until_logged(site, "the archive takes no records")
        await asyncio.sleep(seconds)
        assert len(archived(archive)) == kept
        assert "No space left on device" in bot.log()
        ballast.unlink()
        await until_logged(site, "the archive takes records again")
        assert len(archived(archive)) > kept
        assert not list(archive.rglob("*.part*")), "no half object is left"
        site.counts["archived objects"] = len(archived(archive))


def fill(path: Path) -> None:
    """Take all the room there is."""
    piece = bytes(4096)
    try:
        with path.open("wb", buffering=0) as file:
            while True:
                file.write(piece)
    except OSError:
        return


def archived(archive: Path) -> list[Path]:
    """The objects in the archive, each of them whole."""
    found = list(archive.rglob("*.gz"))
    for path in found:
        assert gzip.decompress(path.read_bytes())
    return found


async def until_logged(site: World, words: str) -> None:
    (bot,) = site.bots

    async def logged() -> bool:
        return words in bot.log()

    await site.books.until(logged, f"saying: {words}")

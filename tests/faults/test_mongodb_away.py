"""MongoDB hangs, and then it is killed and stays away."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from bot.mongod import LocalMongod
from store.replica_set import ensure_primary
from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.world import world

pytestmark = pytest.mark.integration


@short_and_nightly("seconds", 2, 60)
async def test_mongodb_is_away(seconds: int, tmp_path: Path) -> None:
    mongod = LocalMongod(tmp_path / "mongod", ensure_primary=ensure_primary)
    async with (
        mongod as uri,
        world(tmp_path, uri) as site,
        audited(site, f"MongoDB hangs for {seconds} s and is killed for {seconds} s"),
    ):
        os.kill(pid_of(mongod), signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(pid_of(mongod), signal.SIGCONT)
        await asyncio.sleep(1)
        os.kill(pid_of(mongod), signal.SIGKILL)
        await asyncio.sleep(seconds)
        assert await mongod.start() == uri
        site.counts["MongoDB away"] += 2


def pid_of(mongod: LocalMongod) -> int:
    assert mongod.pid is not None
    return mongod.pid

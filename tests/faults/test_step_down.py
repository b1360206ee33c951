"""The primary of a replica set of three steps down again and again."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.world import world
from tests.fixtures.replica_set import Client

pytestmark = pytest.mark.integration

_NOT_ELECTED_SECONDS = 5


@short_and_nightly("seconds", 4, 600)
async def test_the_primary_steps_down_every_15_seconds(seconds: int, tmp_path: Path, three: str) -> None:
    between = min(15, seconds / 2)
    async with world(tmp_path, three) as site, audited(site, f"step-down every {between:.0f} s for {seconds} s"):
        for _ in range(round(seconds / between)):
            before = await _primary(three)
            await _step_down(three)
            site.counts["stepped down"] += 1
            await asyncio.sleep(between)
            assert await _primary(three) != before


async def _step_down(uri: str) -> None:
    client: Client = AsyncIOMotorClient(uri)
    try:
        with suppress(PyMongoError):  # It may cut this very connection.
            await client.admin.command("replSetStepDown", _NOT_ELECTED_SECONDS, secondaryCatchUpPeriodSecs=3)
    finally:
        client.close()


async def _primary(uri: str) -> object:
    """Host and port of the member that takes writes now, once there is one."""
    client: Client = AsyncIOMotorClient(uri)
    try:
        return (await client.admin.command("hello"))["primary"]
    finally:
        client.close()

"""The primary of a real replica set of three is killed while records come in: nothing lost, nothing doubled."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from engine.baselines.model import Baseline
from engine.errors import UpstreamError
from engine.models.anomaly import Anomaly
from store.connect import Store, connect
from tests.fixtures.memory import memory_database
from tests.fixtures.replica_set import Client
from tests.services.world import ACCOUNT, SECOND, TENANT, World, furnished, raw, stranger
from tests.store.conftest import RETENTION_DAYS

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 90.0
BATCHES, BATCH = 30, 3
KILLED_AFTER = 8


async def kill_primary(uri: str) -> None:
    """SIGKILL for the member that takes the writes."""
    client: Client = AsyncIOMotorClient(uri)
    try:
        os.kill(int((await client.admin.command("serverStatus"))["pid"]), signal.SIGKILL)
    finally:
        client.close()


async def bring_in(world: World, batches: Sequence[Sequence[bytes]], done: asyncio.Semaphore) -> None:
    """Ingest batch after batch, each until it is acknowledged, as every source does."""
    for batch in batches:
        acknowledged = False
        while not acknowledged:
            with suppress(UpstreamError):
                await world.intake.ingest(TENANT, ACCOUNT, batch)
                acknowledged = True
        done.release()


async def state_of(world: World) -> tuple[Baseline, list[Anomaly], dict[str, float]]:
    """What was learned and found, and what runs."""
    anomalies = sorted(await world.anomalies(), key=lambda one: one.anomaly_id)
    return await world.baseline(), anomalies, await world.store.spending.sum_running(TENANT)


async def test_a_killed_primary_loses_and_doubles_nothing(three: str) -> None:
    undisturbed = await furnished(Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS))
    launches = [
        undisturbed.launch(1, ago=(1000 - number) * SECOND, actor=stranger(number % 4))
        for number in range(BATCHES * BATCH)
    ]
    batches = [raw(launches[start : start + BATCH]) for start in range(0, len(launches), BATCH)]
    await bring_in(undisturbed, batches, asyncio.Semaphore(0))

    store = await connect(three, "three", retention_days=RETENTION_DAYS)
    world, done = await furnished(store), asyncio.Semaphore(0)
    async with asyncio.timeout(PATIENCE_SECONDS):
        coming_in = asyncio.create_task(bring_in(world, batches, done))
        for _ in range(KILLED_AFTER):
            await done.acquire()
        await kill_primary(three)
        assert not coming_in.done(), "it was killed while records came in"
        await coming_in
    stored = AsyncIOMotorClient[dict[str, Any]](three, tz_aware=True, tzinfo=UTC)
    found = sorted([row["event_id"] async for row in stored["three"]["cost_events"].find()])
    stored.close()
    assert found == sorted(one["eventID"] for one in launches)
    assert await state_of(world) == await state_of(undisturbed)
    store.close()

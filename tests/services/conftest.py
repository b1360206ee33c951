"""A world in memory, one on the real mongod, and a simulated AWS."""

from collections.abc import AsyncIterator

import pytest

from demo.aws_account import AwsAccount, AwsSimulator
from demo.slack_workspace import SlackWorkspace
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.services.scene import Scene
from tests.services.world import ACCOUNT, EXTERNAL_ID, REGIONS, World, furnished
from tests.store.conftest import RETENTION_DAYS, fresh_database


@pytest.fixture
async def world() -> World:
    """Everything in memory."""
    return await furnished(Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS))


@pytest.fixture
async def real_world(mongod_uri: str) -> AsyncIterator[World]:
    """The same over a database with transactions."""
    async with fresh_database(mongod_uri) as database:
        yield await furnished(Store(database, retention_days=RETENTION_DAYS))


@pytest.fixture
async def simulator(world: World) -> AsyncIterator[AwsSimulator]:
    """An AWS that lives in the world's time and has no limits."""
    aws = AwsSimulator(clock=world.turned, lookup_rate=None)
    await aws.start()
    yield aws
    await aws.stop()


@pytest.fixture
def aws_account(simulator: AwsSimulator) -> AwsAccount:
    """The customer's side of the world's account."""
    return simulator.add_account(ACCOUNT, REGIONS, external_id=EXTERNAL_ID)


@pytest.fixture
async def slack() -> AsyncIterator[SlackWorkspace]:
    """A workspace without limits."""
    async with SlackWorkspace(rate_limit=False) as workspace:
        yield workspace


@pytest.fixture
async def scene(world: World, slack: SlackWorkspace) -> Scene:
    """The world in memory with a channel for its alerts."""
    made = Scene(world, slack)
    await made.use_channel(made.channel.channel_id)
    return made

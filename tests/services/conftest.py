"""A world in memory, one on the real mongod, and a simulated AWS."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from demo.aws_account import AwsAccount, AwsSimulator
from demo.slack_workspace import SlackWorkspace
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.services.scene import Scene
from tests.services.trail_places import BucketPlace, FolderPlace, Place, TrailWorld, Unreliable
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


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.integration)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty trail."""
    if request.param == "folder":
        return FolderPlace(tmp_path / "trail")
    return BucketPlace(request.getfixturevalue("s3_url"), f"trail-{uuid4().hex}")


@pytest.fixture
def trails(world: World, place: Place) -> TrailWorld:
    return TrailWorld(world, place)


@pytest.fixture
def unreliable(place: Place) -> Unreliable:
    return Unreliable(place.store)


@pytest.fixture
def shaky(world: World, place: Place, unreliable: Unreliable) -> TrailWorld:
    return TrailWorld(world, place, wrapped=unreliable)

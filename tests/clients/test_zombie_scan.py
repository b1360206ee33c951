"""A whole scan of an account in moto: what is idle is found, what is used is not, and what fails fails alone."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from clients.aws.connect import AwsIdentity, connect_zombies
from clients.prices import load_price_table
from engine.models.account import AccountStatus, AwsAccount
from engine.zombies.judging import Known, judge
from engine.zombies.models import Batch, Covered, Finding, Trouble
from engine.zombies.rule import Look
from engine.zombies.thresholds import Thresholds
from tests.fixtures.zombie_world import ACCOUNT, EVERYTHING, REGION, World, running_server

LATER = timedelta(days=400)
Pieces = list[Batch | Covered | Trouble]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    yield from running_server()


@pytest.fixture(scope="module")
def world(endpoint: str) -> World:
    made = World(endpoint, datetime.now(UTC) + LATER)
    for make in EVERYTHING:
        make(made)
    return made


async def pieces(endpoint: str, world: World, region: str = REGION) -> AsyncIterator[Batch | Covered | Trouble]:
    account = AwsAccount(
        account_id=ACCOUNT,
        name="world",
        status=AccountStatus.ACTIVE,
        external_id="external",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/dd0c",
        regions=(region,),
        connected_at=world.seen_at,
    )
    identity = AwsIdentity(REGION, endpoint, "testing", "testing")
    looks = connect_zombies(identity, clock=lambda: datetime.now(UTC), monotonic=time.monotonic)
    async for piece in looks.look(account, [region], world.seen_at, Thresholds()):
        yield piece


@pytest.mark.integration
async def test_exactly_the_zombies_are_found_and_troubles_are_named(endpoint: str, world: World) -> None:
    known = Known(ACCOUNT, load_price_table(), {})
    found: list[Finding] = []
    seen = [piece async for piece in pieces(endpoint, world)]
    for piece in seen:
        if isinstance(piece, Batch):
            looks = [Look(one, piece.series.get(one.resource_id, {}), world.seen_at) for one in piece.resources]
            found += [one for look in looks if (one := judge(known, look)) is not None]
    ours = [one for one in found if one.resource_id not in world.foreign]
    assert {(one.rule, one.resource_id) for one in ours} == world.zombies
    # Moto has no throughput of Bedrock: that alone is missing, and named.
    assert {piece.family for piece in seen if isinstance(piece, Trouble)} == {"model throughput"}
    unpriced = {one.rule for one in ours if one.monthly_cost is None}
    assert unpriced == set()


@pytest.mark.integration
async def test_a_region_that_is_empty_is_covered(endpoint: str, world: World) -> None:
    seen = [piece async for piece in pieces(endpoint, world, "eu-west-3")]
    covered = {piece.family for piece in seen if isinstance(piece, Covered)}
    assert {"instances", "volumes", "databases", "log groups"} <= covered


@pytest.mark.integration
async def test_who_stops_listening_stops_the_scan(endpoint: str, world: World) -> None:
    scan = pieces(endpoint, world)
    async for _ in scan:
        break
    await scan.aclose()  # type: ignore[attr-defined] # it is an async generator

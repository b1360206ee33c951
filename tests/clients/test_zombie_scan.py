"""A whole scan of an account in moto: what is idle is found, what is used is not, and what fails fails alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clients.aws.connect import AwsIdentity, connect_zombies
from clients.aws.zombies.asker import Asker
from clients.aws.zombies.scanning import FAMILIES
from clients.prices import load_price_table
from engine.models.account import AccountStatus, AwsAccount
from engine.zombies.judging import Known, judge
from engine.zombies.models import Batch, Covered, Finding, Trouble
from engine.zombies.rule import Look
from engine.zombies.rules import BY_NAME
from engine.zombies.thresholds import Thresholds
from tests.fixtures.zombie_clusters import CLUSTERS
from tests.fixtures.zombie_world import ACCOUNT, EVERYTHING, REGION, World, running_server

LATER = timedelta(days=400)
# Nobody writes a gigabyte of logs into a test.
LIMITS = Thresholds(log_group_gb=1e-6)
Pieces = list[Batch | Covered | Trouble]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    yield from running_server()


def made_world(endpoint: str) -> World:
    made = World(endpoint, datetime.now(UTC) + LATER)
    for make in (*EVERYTHING, *CLUSTERS):
        make(made)
    made.tell_metrics()
    return made


async def pieces(endpoint: str, seen_at: datetime, region: str = REGION) -> AsyncIterator[Batch | Covered | Trouble]:
    account = AwsAccount(
        account_id=ACCOUNT,
        name="world",
        status=AccountStatus.ACTIVE,
        external_id="external",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/dd0c",
        regions=(region,),
        connected_at=seen_at,
    )
    identity = AwsIdentity(REGION, endpoint, "testing", "testing")
    looks = connect_zombies(identity, clock=lambda: datetime.now(UTC), monotonic=time.monotonic)
    async for piece in looks.look(account, [region], seen_at, LIMITS):
        yield piece


def judged(seen: Pieces, seen_at: datetime) -> list[Finding]:
    known = Known(ACCOUNT, load_price_table(), {})
    looks = [
        Look(one, piece.series.get(one.resource_id, {}), seen_at, LIMITS)
        for piece in seen
        if isinstance(piece, Batch)
        for one in piece.resources
    ]
    return [found for look in looks if (found := judge(known, look)) is not None]


@pytest.mark.integration
async def test_exactly_the_zombies_are_found_and_troubles_are_named(endpoint: str) -> None:
    world = await asyncio.to_thread(made_world, endpoint)
    seen = [piece async for piece in pieces(endpoint, world.seen_at)]
    found = judged(seen, world.seen_at)
    ours = [one for one in found if one.resource_id not in world.foreign]
    assert {(one.rule, one.resource_id) for one in ours} == world.zombies
    assert [piece for piece in seen if isinstance(piece, Trouble)] == []
    assert [one for one in ours if len(one.commands) != len(BY_NAME[one.rule].commands)] == []
    # What is idle because something was stopped a week ago is found earlier, see below.
    assert {one.rule for one in ours} == {*BY_NAME} - {"volume_on_stopped"}
    # What the instances of a cluster, the tasks of a service and what is logged cost, their descriptions do not tell.
    unpriced = {one.rule for one in ours if one.monthly_cost is None}
    assert unpriced == {
        "ecs_cluster_empty",
        "ecs_service_low",
        "emr_waiting",
        "log_group_for_ever",
        "throughput_unused",
    }

    def on_stopped(days: int) -> set[str]:
        found = judged(seen, world.seen_at - LATER + timedelta(days=days))
        return {one.resource_id for one in found if one.rule == "volume_on_stopped"}

    # The volume of an instance is found once that is stopped for a week.
    assert (on_stopped(6), on_stopped(8)) == (set(), world.on_stopped)


@pytest.mark.integration
async def test_what_goes_between_two_calls_is_left_out_and_nothing_else(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is deleted when its list was answered, and before it is asked for."""
    region = "eu-north-1"
    world = World(endpoint, datetime.now(UTC) + LATER, region)
    key = {"AttributeName": "id", "AttributeType": "S"}
    bought = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    for name in ("stays", "goes"):
        world.aws("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[key],
            ProvisionedThroughput=bought,
        )
        world.aws("kinesis").create_stream(StreamName=name, ShardCount=1)
        world.aws("eks").create_cluster(
            name=name, roleArn=f"arn:aws:iam::{ACCOUNT}:role/any", resourcesVpcConfig={"subnetIds": []}
        )
    delete = {
        "list_tables": lambda: world.aws("dynamodb").delete_table(TableName="goes"),
        "list_streams": lambda: world.aws("kinesis").delete_stream(StreamName="goes"),
        "list_clusters": lambda: world.aws("eks").delete_cluster(name="goes"),
    }
    call = Asker.call

    async def call_and_delete(asker: Asker, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        answer = await call(asker, service, operation, **parameters)
        if service in {"dynamodb", "kinesis", "eks"} and operation in delete:
            await asyncio.to_thread(delete.pop(operation))
        return answer

    first, second, *_ = FAMILIES
    few = {name: second[name] for name in ("tables", "streams", "EKS")}
    monkeypatch.setattr("clients.aws.zombies.scanning.FAMILIES", (first, few))
    monkeypatch.setattr(Asker, "call", call_and_delete)
    seen = [piece async for piece in pieces(endpoint, world.seen_at, region)]
    kinds = {one.kind: one.resource_id for piece in seen if isinstance(piece, Batch) for one in piece.resources}
    assert delete == {}
    assert {kinds[kind] for kind in ("table", "stream", "eks")} == {"stays"}
    assert [piece for piece in seen if isinstance(piece, Trouble)] == []


@pytest.mark.integration
async def test_a_region_that_is_empty_is_covered(endpoint: str) -> None:
    seen = [piece async for piece in pieces(endpoint, datetime.now(UTC), "eu-west-3")]
    covered = {piece.family for piece in seen if isinstance(piece, Covered)}
    assert {"instances", "volumes", "databases", "log groups"} <= covered


@pytest.mark.integration
async def test_who_stops_listening_stops_the_scan(endpoint: str) -> None:
    scan = pieces(endpoint, datetime.now(UTC))
    async for _ in scan:
        break
    await scan.aclose()  # type: ignore[attr-defined] # it is an async generator

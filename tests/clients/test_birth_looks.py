"""What is hours old, measured at moto's CloudWatch: its first hour does not count, and nothing else is asked."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from clients.aws.connect import AwsIdentity, connect_births
from engine.models.account import AccountStatus, AwsAccount
from engine.zombies.birth import newborn
from engine.zombies.models import Described, Series
from engine.zombies.rule import Look
from tests.fixtures.zombie_world import ACCOUNT, REGION, World, running_server

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    yield from running_server()


def instance(name: str) -> Described:
    return Described(
        kind="instance",
        region=REGION,
        resource_id=name,
        created_at=NOW - 6 * HOUR,
        traits=frozenset({"running"}),
        dimensions=((("InstanceId", name),),),
    )


def note(world: World, name: str, cpu: float, hours_ago: float) -> None:
    for metric, value in (("CPUUtilization", cpu), ("NetworkIn", 1000.0), ("NetworkOut", 1000.0)):
        point = {
            "MetricName": metric,
            "Dimensions": [{"Name": "InstanceId", "Value": name}],
            "Timestamp": NOW - hours_ago * HOUR,
            "Value": value,
        }
        world.aws("cloudwatch").put_metric_data(Namespace="AWS/EC2", MetricData=[point])


@pytest.mark.integration
async def test_what_only_booted_was_not_used_and_what_is_unknown_is_left_alone(endpoint: str) -> None:
    world = World(endpoint, NOW)
    for name, cpu in (("i-idle", 1.5), ("i-busy", 80.0)):
        note(world, name, 99.0, 5.5)
        note(world, name, cpu, 3.5)
        note(world, name, 1.0, 1.5)
    account = AwsAccount(
        account_id=ACCOUNT,
        name="world",
        status=AccountStatus.ACTIVE,
        external_id="external",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/dd0c",
        regions=(REGION,),
        connected_at=NOW,
    )
    looks = connect_births(
        AwsIdentity(REGION, endpoint, "testing", "testing"), clock=lambda: datetime.now(UTC), monotonic=time.monotonic
    )
    gone = Described(kind="model_endpoint", region=REGION, resource_id="gone", created_at=NOW - 6 * HOUR)
    resources = [instance(name) for name in ("i-idle", "i-busy", "i-silent")]
    series = await looks.measure_births(account, REGION, [*resources, gone], NOW)
    assert series["instance", "i-idle"] == {
        "cpu": Series((1.5,)),
        "bytes_in": Series((2000.0,)),
        "bytes_out": Series((2000.0,)),
    }
    births = [newborn(Look(one, series[one.kind, one.resource_id], NOW), 5.0) for one in resources]
    assert [birth is not None for birth in births] == [True, False, False]
    assert ("model_endpoint", "gone") not in series

"""Jobs end without a record; at their limit the account's running cost and the card stop growing."""

from typing import Any

import pytest

from demo.aws_account.records import Record
from engine.errors import Conflict
from engine.models.anomaly import AnomalyStatus
from services.limits import Limits
from tests.services.world import ACCOUNT, DAY, HOUR, MINUTE, TENANT, THIEF, World


def training(world: World, name: str = "fraud", seconds: int | None = 7200, count: int = 8) -> Record:
    """A training job whose machines cost a dollar an hour each."""
    record = world.launch(1)
    return record | {
        "eventID": f"{record['eventID']}-{name}",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": "CreateTrainingJob",
        "requestParameters": {
            "trainingJobName": name,
            "resourceConfig": {"instanceType": "ml.p3.2xlarge", "instanceCount": count},
            "stoppingCondition": {} if seconds is None else {"maxRuntimeInSeconds": seconds},
        },
        "responseElements": {"trainingJobArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/{name}"},
        "userIdentity": world.launch(1, actor=THIEF)["userIdentity"],
    }


def limits(world: World, ledger: Any = None) -> Limits:
    return Limits(world.store.spending, ledger or world.store.ledger, world.clock)


async def running(world: World) -> float:
    return (await world.store.spending.sum_running(TENANT)).get(ACCOUNT, 0.0)


async def test_a_job_ends_at_its_limit(world: World) -> None:
    await world.ingest(training(world))
    world.turn(2 * HOUR - MINUTE)
    assert await limits(world).end_overdue(TENANT, ACCOUNT) == 0
    assert await running(world) == 8.0
    world.turn(5 * HOUR)
    assert await limits(world).end_overdue(TENANT, ACCOUNT) == 1
    assert await limits(world).end_overdue(TENANT, ACCOUNT) == 0
    assert await running(world) == 0.0
    [card] = await world.anomalies()
    assert (card.status, card.running_hourly_cost, card.burnt_usd) == (AnomalyStatus.RESOLVED, 0.0, 16.0)


async def test_many_jobs_without_a_timeout_leave_no_running_cost(world: World) -> None:
    """The running cost of an account that trains something every day does not grow."""
    for number in range(40):
        await world.ingest(training(world, f"nightly-{number}", None, 1))
        await limits(world).end_overdue(TENANT, ACCOUNT)
        assert await running(world) <= 2.0
        world.turn(DAY)
    await limits(world).end_overdue(TENANT, ACCOUNT)
    assert await running(world) == 0.0
    baseline = await world.baseline()
    assert {gauge.running for gauge in baseline.gauges.values()} <= {0}
    assert baseline.lifetimes == {}  # nobody saw when they really ended


async def test_what_ended_in_time_stays_as_it_ended(world: World) -> None:
    started = training(world)
    await world.ingest(started)
    world.turn(HOUR)
    stop = training(world) | {"eventName": "StopTrainingJob", "eventID": "stop-1", "responseElements": None}
    await world.ingest(stop)
    world.turn(DAY)
    assert await limits(world).end_overdue(TENANT, ACCOUNT) == 0
    [card] = await world.anomalies()
    assert card.burnt_usd == 8.0


async def test_instances_have_no_limit(world: World) -> None:
    await world.ingest(world.launch())
    world.turn(90 * DAY)
    assert await limits(world).end_overdue(TENANT, ACCOUNT) == 0
    assert await running(world) == 6.0


async def test_an_end_that_meets_intake_is_decided_again(world: World) -> None:
    await world.ingest(training(world))
    world.turn(DAY)
    ledger, meetings = world.store.ledger, [1]

    class Met:
        load_state = ledger.load_state

        async def commit(self, *args: Any) -> None:
            if meetings:
                meetings.pop()
                await world.ingest(world.launch(1))
            await ledger.commit(*args)

    assert await limits(world, Met()).end_overdue(TENANT, ACCOUNT) == 1
    assert await running(world) == 1.0


async def test_an_account_that_always_changes_is_left_for_the_next_turn(world: World) -> None:
    await world.ingest(training(world))
    world.turn(DAY)

    class Busy:
        load_state = world.store.ledger.load_state

        async def commit(self, *_args: Any) -> None:
            raise Conflict("The account changed.")

    with pytest.raises(Conflict):
        await limits(world, Busy()).end_overdue(TENANT, ACCOUNT)
    assert await running(world) == 8.0

"""Regions that are enabled after an account was connected."""

import pytest

from demo.aws_account import AwsAccount, AwsSimulator
from engine.models.account import AccountStatus
from services.regions import Regions
from tests.services.world import ACCOUNT, HOUR, REGIONS, TENANT, World

NEW = "ap-east-1"


def regions(world: World, simulator: AwsSimulator) -> Regions:
    return Regions(
        lookups=world.store.system, accounts=world.store.accounts, source=world.source(simulator), clock=world.clock
    )


async def watched(world: World) -> list[str]:
    return [cursor.region for cursor in (await world.account()).cursors]


async def test_nothing_new_changes_nothing(world: World, simulator: AwsSimulator, aws_account: AwsAccount) -> None:
    before = await world.account()
    assert await regions(world, simulator).refresh_regions() == 0
    assert await world.account() == before
    assert await watched(world) == sorted(aws_account.regions)


async def test_what_was_launched_in_a_new_region_is_judged(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount
) -> None:
    """A thief opens a Region nobody looks at, and starts at once."""
    aws_account.regions = (*aws_account.regions, NEW)
    world.turn(HOUR)
    stolen = world.launch(8, instance_type="p4d.24xlarge", region=NEW)
    aws_account.record(stolen)
    world.turn(HOUR)
    assert await regions(world, simulator).refresh_regions() == 1
    assert NEW in (await world.account()).regions
    for _ in range(3):  # an hour at most is caught up with at a time
        await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert [one.lead.region for one in await world.anomalies()] == [NEW]
    assert (await world.reports.status(TENANT)).accounts[0].regions_watched == len(aws_account.regions)


@pytest.mark.parametrize(("hours", "back"), [(1, 1), (26, 26), (720, 26)])
async def test_it_is_read_from_the_last_look_or_the_connection_on(
    *, world: World, simulator: AwsSimulator, aws_account: AwsAccount, hours: int, back: int
) -> None:
    aws_account.regions = (*aws_account.regions, NEW)
    world.turn(hours * HOUR)
    await regions(world, simulator).refresh_regions()
    [cursor] = [one for one in (await world.account()).cursors if one.region == NEW]
    assert cursor.read_until == world.clock() - back * HOUR


async def test_a_region_that_was_disabled_stays_watched(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount
) -> None:
    aws_account.regions = aws_account.regions[:1]
    assert await regions(world, simulator).refresh_regions() == 0
    assert len(await watched(world)) == len(REGIONS)


async def test_a_role_that_does_not_open_stops_no_other(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount, caplog: pytest.LogCaptureFixture
) -> None:
    aws_account.revoke_role()
    aws_account.regions = (*aws_account.regions, NEW)
    assert await regions(world, simulator).refresh_regions() == 0
    assert "Regions could not be listed" in caplog.text
    assert NEW not in await watched(world)


async def test_an_account_that_leaves_is_left_alone(
    world: World, simulator: AwsSimulator, aws_account: AwsAccount
) -> None:
    aws_account.regions = (*aws_account.regions, NEW)
    await world.change_account(status=AccountStatus.DISCONNECTING)
    assert await regions(world, simulator).refresh_regions() == 0

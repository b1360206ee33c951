"""What the demo's account holds, as a whole scan by the real client sees it."""

import time
from datetime import UTC, datetime

import pytest

from clients.aws.connect import AwsIdentity, connect_zombies
from clients.prices import load_price_table
from demo.aws_account import AwsSimulator
from demo.aws_account import world as aws_world
from demo.aws_account.world.cast import DATA_REGION, MAIN_REGION, OFFICE_REGION
from engine.models.account import AccountStatus, AwsAccount
from engine.role_problems import region_off
from engine.zombies.judging import Known, judge
from engine.zombies.models import Batch, Covered, Trouble
from engine.zombies.rule import Look
from engine.zombies.thresholds import Thresholds
from tests.demo.aws_world import EXTERNAL_ID

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REGIONS = (MAIN_REGION, DATA_REGION)


@pytest.mark.integration
async def test_a_scan_finds_what_is_idle_and_nothing_that_is_not_simulated() -> None:
    simulator = AwsSimulator(clock=NOW.timestamp)
    simulated = simulator.add_account(aws_world.ACCOUNT_ID, aws_world.HOME_REGIONS, external_id=EXTERNAL_ID)
    history = aws_world.history(NOW)
    for record in history:
        simulated.record(record)
    aws_world.furnish(simulated, history, NOW)
    await simulator.start()
    account = AwsAccount(
        account_id=aws_world.ACCOUNT_ID,
        name=aws_world.ALIAS,
        status=AccountStatus.ACTIVE,
        external_id=EXTERNAL_ID,
        role_arn=simulated.role_arn,
        regions=REGIONS,
        connected_at=NOW,
    )
    caller = simulator.caller
    identity = AwsIdentity(MAIN_REGION, simulator.url, caller.access_key_id, caller.secret_access_key)
    looks = connect_zombies(identity, clock=lambda: NOW, monotonic=time.monotonic)
    try:
        seen = [piece async for piece in looks.look(account, REGIONS, NOW, Thresholds())]
        asked_before = len(simulator.calls)
        off = [piece async for piece in looks.look(account, ["me-south-1"], NOW, Thresholds())]
        asked_of_off = len(simulator.calls) - asked_before
        simulated.deny("ec2:DescribeAddresses")
        again = [piece async for piece in looks.look(account, REGIONS[:1], NOW, Thresholds())]
        simulated.deny("monitoring:GetMetricData")
        unmeasured = [piece async for piece in looks.look(account, [OFFICE_REGION], NOW, Thresholds())]
    finally:
        await simulator.stop()
    assert [piece for piece in seen if isinstance(piece, Trouble)] == []
    # One sentence instead of one for each of the services, and not one call after the first was turned away.
    assert off == [Trouble("me-south-1", "everything", region_off("me-south-1").text)]
    assert asked_of_off == 1
    [denied] = [piece for piece in again if isinstance(piece, Trouble)]
    assert (denied.region, denied.family) == (MAIN_REGION, "addresses")
    assert "not authorized to perform: ec2:DescribeAddresses" in denied.error
    assert {"volumes", "NAT gateways", "snapshots"} <= {one.family for one in again if isinstance(one, Covered)}
    # Without CloudWatch there is still the instance that is stopped, which has no metrics, and what lacks is named.
    [batch] = [piece for piece in unmeasured if isinstance(piece, Batch)]
    assert {(batch.family, *one.traits) for one in batch.resources} == {("instances", "stopped")}
    refused = {piece.family: piece.error for piece in unmeasured if isinstance(piece, Trouble)}
    assert "monitoring:GetMetricData" in refused["volumes"]
    known = Known(aws_world.ACCOUNT_ID, load_price_table(), {})
    found = [
        judge(known, Look(one, batch.series.get(one.resource_id, {}), NOW))
        for batch in seen
        if isinstance(batch, Batch)
        for one in batch.resources
    ]
    assert sorted((one.rule, one.name) for one in found if one is not None) == [
        ("address_idle", "203.0.113.80"),
        ("nat_quiet", aws_world.IDLE_GATEWAY),
        *(("snapshot_old", f"warehouse-migration-{number}") for number in (1, 2, 3)),
    ]

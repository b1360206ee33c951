"""Bills are read once a day, through the customer's role, with so many questions and no more."""

import asyncio
from datetime import datetime, timedelta

import pytest

from clients.aws.connect import AwsIdentity, connect_bills
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from engine.models.spend import AccountBill
from services.spend import CALLS_A_DAY, BillReader
from tests.services.world import ACCOUNT, TENANT, World

ONE_DAY = timedelta(days=1)
EC2 = "Amazon Elastic Compute Cloud - Compute"


def reader(world: World, simulator: AwsSimulator) -> BillReader:
    caller = simulator.caller
    identity = AwsIdentity("us-east-1", simulator.url, caller.access_key_id, caller.secret_access_key)
    return BillReader(
        lookups=world.store.system,
        accounts=world.store.accounts,
        source=connect_bills(identity, clock=world.clock),
        bills=world.store.bills,
        clock=world.clock,
    )


def today(world: World) -> datetime:
    return world.clock()


async def only_bill(world: World) -> AccountBill:
    (bill,) = await world.store.bills.find_bills(TENANT)
    return bill


def asked(simulator: AwsSimulator) -> int:
    return sum(call.service == "ce" for call in simulator.calls)


@pytest.fixture
def billed(world: World, aws_account: SimulatedAccount) -> SimulatedAccount:
    aws_account.bill.forecast = 100.0
    for back in range(5):
        aws_account.bill.add(today(world).date() - back * ONE_DAY, EC2, 10.0)
    return aws_account


@pytest.mark.usefixtures("billed")
async def test_three_questions_a_day_however_many_processes_look(world: World, simulator: AwsSimulator) -> None:
    readers = [reader(world, simulator) for _ in range(3)]
    assert sum(await asyncio.gather(*(one.read_due() for one in readers))) == 1
    assert asked(simulator) == 3
    bill = await only_bill(world)
    assert (bill.calls, bill.troubles) == (3, ())
    assert bill.forecast
    days = await world.store.bills.find_days(TENANT, today(world).date() - 90 * ONE_DAY)
    assert sum(cost.amount for day in days for cost in day.costs) == 50.0


async def test_pages_beyond_the_days_questions_are_not_asked_and_what_was_read_stays(
    world: World, simulator: AwsSimulator, billed: SimulatedAccount
) -> None:
    billed.bill.page_days = 2
    assert await reader(world, simulator).read_due() == 1
    assert asked(simulator) == CALLS_A_DAY
    bill = await only_bill(world)
    assert bill.calls == CALLS_A_DAY
    assert [trouble.split(":")[0] for trouble in bill.troubles] == ["the daily costs", "AWS's own anomalies"]
    assert len(await world.store.bills.find_days(TENANT, today(world).date() - 90 * ONE_DAY)) == 8


async def test_what_aws_refuses_is_said_and_the_rest_is_read(
    world: World, simulator: AwsSimulator, billed: SimulatedAccount
) -> None:
    billed.bill.forecast = None
    billed.deny("ce:GetAnomalies")
    await reader(world, simulator).read_due()
    troubles = (await only_bill(world)).troubles
    assert "too little to go by" in troubles[0]
    assert "dd0c may not ask" in troubles[1]
    assert await world.store.bills.find_days(TENANT, today(world).date() - ONE_DAY)


async def test_what_aws_found_stays_where_it_does_not_answer_the_next_time(
    world: World, simulator: AwsSimulator, billed: SimulatedAccount
) -> None:
    billed.bill.find(today(world).date() - ONE_DAY, EC2, "BoxUsage", 46.8)
    await reader(world, simulator).read_due()
    (found,) = (await only_bill(world)).anomalies
    billed.deny("ce:GetAnomalies")
    world.turned.now += 86_400
    await reader(world, simulator).read_due()
    assert (await only_bill(world)).anomalies == (found,)
    billed.allow("ce:GetAnomalies")
    billed.bill.anomalies.clear()
    world.turned.now += 86_400
    await reader(world, simulator).read_due()
    assert (await only_bill(world)).anomalies == ()


async def test_cost_explorer_that_was_never_switched_on_asks_again_the_next_day(
    world: World, simulator: AwsSimulator, billed: SimulatedAccount
) -> None:
    billed.bill.enabled = False
    assert await reader(world, simulator).read_due() == 1
    assert len((await only_bill(world)).troubles) == 3
    billed.bill.enabled = True
    assert await reader(world, simulator).read_due() == 0
    world.turned.now += 86_400
    assert await reader(world, simulator).read_due() == 1
    assert (await only_bill(world)).troubles == ()
    assert (await only_bill(world)).account_id == ACCOUNT

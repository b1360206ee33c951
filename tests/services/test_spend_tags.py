"""Spend by tag: asked once, within the questions of the day, by the real client."""

from datetime import timedelta

import pytest

from clients.aws.connect import AwsIdentity, connect_bills
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from engine.errors import InvalidCommand
from engine.models.spend_report import SpendBy, SpendQuery
from services.spend import CALLS_A_DAY
from services.spend_tags import TagSpend
from tests.services.test_spend import asked, reader
from tests.services.world import TENANT, World

ONE_DAY = timedelta(days=1)
BY_TEAM = SpendQuery(by=SpendBy.TAG, tag="team")


@pytest.fixture
def tags(world: World, simulator: AwsSimulator, aws_account: SimulatedAccount) -> TagSpend:
    bill = aws_account.bill
    bill.forecast, bill.shares["team"] = 100.0, {"web": 0.5, "$<!here>": 0.25}
    for back in range(5):
        bill.add(world.clock().date() - back * ONE_DAY, "Amazon Simple Storage Service", 10.0)
    caller = simulator.caller
    identity = AwsIdentity("us-east-1", simulator.url, caller.access_key_id, caller.secret_access_key)
    source = connect_bills(identity, clock=world.clock)
    return TagSpend(world.store.accounts, source, world.store.bills, world.store.spend_tags, world.clock)


async def test_values_are_told_apart_and_the_same_key_is_asked_once(
    world: World, simulator: AwsSimulator, tags: TagSpend
) -> None:
    await reader(world, simulator).read_due()
    before = asked(simulator)
    await tags.read(TENANT, "team")
    await tags.read(TENANT, "team")
    assert asked(simulator) == before + 1
    report = await world.spend.report(TENANT, BY_TEAM)
    assert [(row.key, row.name, row.billed_usd) for row in report.rows] == [
        ("web", "web", 25.0),
        ("", "without this tag", 12.5),
        ("$<!here>", "$<!here>", 12.5),
    ]
    assert report.tag_troubles == ()
    assert report.health[0].calls == before + 1
    world.turn(timedelta(hours=21))
    await tags.read(TENANT, "team")
    assert asked(simulator) == before + 2


async def test_no_more_is_asked_than_may_be_and_that_is_said(
    world: World, simulator: AwsSimulator, tags: TagSpend
) -> None:
    await reader(world, simulator).read_due()
    for key in ("a", "b", "team", "team", "d"):
        await tags.read(TENANT, key)
    assert asked(simulator) == CALLS_A_DAY
    report = await world.spend.report(TENANT, BY_TEAM)
    assert report.rows == ()
    assert report.tag_troubles == ("production: no more than 5 questions are asked a day, and its bill is read first",)


async def test_what_aws_refuses_is_said_and_what_was_known_stays(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, tags: TagSpend
) -> None:
    await reader(world, simulator).read_due()
    await tags.read(TENANT, "team")
    aws_account.deny("ce:GetCostAndUsage")
    world.turn(timedelta(hours=21))
    await tags.read(TENANT, "team")
    assert len((await world.spend.report(TENANT, BY_TEAM)).rows) == 3
    await tags.read(TENANT, "other")
    (trouble,) = (await world.spend.report(TENANT, SpendQuery(by=SpendBy.TAG, tag="other"))).tag_troubles
    assert "may not" in trouble or "permission" in trouble


@pytest.mark.parametrize("key", ["", " ", "a" * 129, "$ne", "{}", "a\nb", "team'; drop", "\u202eteam"])
async def test_what_can_be_no_key_is_asked_of_nobody(simulator: AwsSimulator, tags: TagSpend, key: str) -> None:
    with pytest.raises(InvalidCommand, match="can be no tag's key"):
        await tags.read(TENANT, key)
    assert asked(simulator) == 0

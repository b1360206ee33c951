"""How often which Region is read beside EventBridge, and how rarely a quiet Region's cursor is stored."""

from datetime import datetime, timedelta

import pytest
from msgspec import structs

from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from engine.models.account import AccountStatus, Arrivals
from services.arrivals import EVENTBRIDGE, HEARTBEAT, POLLING
from services.poll_pace import delivers
from services.poll_windows import SAVED_EVERY
from tests.services.test_inbox import Inbox, lines
from tests.services.world import ACCOUNT, DAY, HOUR, MINUTE, REGION, REGIONS, SECOND, TENANT, World

OTHER = REGIONS[0]


def asked(simulator: AwsSimulator) -> list[str]:
    """The Regions that were read since the last question."""
    regions = sorted({call.region for call in simulator.calls_of("LookupEvents")})
    simulator.calls.clear()
    return regions


async def delivered(world: World, region: str, at: datetime | None) -> None:
    """EventBridge brought a record of this Region."""
    arrived = {region: Arrivals(last_record_time=at)}
    await world.store.accounts.save_arrivals(TENANT, ACCOUNT, EVENTBRIDGE, arrived)


async def read_minutes(world: World, simulator: AwsSimulator, minutes: int) -> list[list[str]]:
    """Poll once a minute; gives the Regions read in each."""
    poller, read = world.poller(simulator), []
    for _ in range(minutes):
        world.turn(MINUTE)
        await poller.poll(TENANT, ACCOUNT)
        read.append(asked(simulator))
    return read


@pytest.mark.usefixtures("aws_account")
async def test_a_region_that_events_come_from_is_read_every_quarter_of_an_hour(
    world: World, simulator: AwsSimulator
) -> None:
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    asked(simulator)
    await delivered(world, REGION, world.clock())
    read = await read_minutes(world, simulator, 30)
    assert [number for number, regions in enumerate(read, start=1) if REGION in regions] == [15, 30]
    assert all(OTHER in regions for regions in read)


async def test_a_region_whose_events_stop_is_read_at_the_full_rate_once_polling_finds_something(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    await delivered(world, REGION, world.clock())
    world.turn(MINUTE)
    missed = world.launch()
    aws_account.record(missed)
    asked(simulator)
    read = await read_minutes(world, simulator, 20)
    assert [REGION in regions for regions in read] == [False] * 13 + [True] * 7
    assert len(await world.anomalies()) == 1
    inbox = Inbox(world)
    await inbox.receiver.receive(EVENTBRIDGE, [lines([world.launch(1)])])
    await inbox.settle()
    assert [REGION in regions for regions in await read_minutes(world, simulator, 5)] == [False] * 5


@pytest.mark.usefixtures("aws_account")
@pytest.mark.parametrize("brought", [None, -DAY - HOUR, DAY + HOUR])
async def test_without_recent_events_every_region_is_read(
    world: World, simulator: AwsSimulator, brought: timedelta | None
) -> None:
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    asked(simulator)
    await delivered(world, REGION, world.clock() + brought if brought is not None else None)
    assert await read_minutes(world, simulator, 2) == [sorted(REGIONS)] * 2


@pytest.mark.usefixtures("aws_account")
async def test_a_quiet_region_whose_heartbeat_comes_is_read_every_quarter_of_an_hour(
    world: World, simulator: AwsSimulator
) -> None:
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    heard = {REGION: Arrivals(last_record_time=world.clock())}
    await world.store.accounts.save_arrivals(TENANT, ACCOUNT, HEARTBEAT, heard)
    asked(simulator)
    read = await read_minutes(world, simulator, 30)
    assert [number for number, regions in enumerate(read, start=1) if REGION in regions] == [15, 30]
    assert all(OTHER in regions for regions in read)
    world.turn(3 * HOUR)
    assert all(REGION in regions for regions in await read_minutes(world, simulator, 3))


async def test_a_heartbeat_hides_nothing_that_events_did_not_bring(world: World) -> None:
    found = world.clock()
    account = await world.account()
    for age, brought, trusted in (
        (HOUR, None, False),
        (HOUR, found - MINUTE, False),
        (HOUR, found, True),
        (DAY + HOUR, None, True),
    ):
        now = found + age
        arrivals = {
            POLLING: {REGION: Arrivals(last_record_time=found)},
            EVENTBRIDGE: {REGION: Arrivals(last_record_time=brought)},
            HEARTBEAT: {REGION: Arrivals(last_record_time=now)},
        }
        assert delivers(structs.replace(account, arrivals=arrivals), REGION, now) is trusted


@pytest.mark.usefixtures("aws_account")
async def test_a_region_that_failed_does_not_wait(world: World, simulator: AwsSimulator) -> None:
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    for region in REGIONS:
        await delivered(world, region, world.clock())
    world.turn(15 * MINUTE)
    simulator.fail_next("LookupEvents", "InternalFailure")
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    failed = [cursor.region for cursor in (await world.account()).cursors if cursor.error]
    asked(simulator)
    assert await read_minutes(world, simulator, 2) == [failed, []]


async def test_one_region_that_opens_no_more_says_nothing_of_the_role_while_others_wait(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount
) -> None:
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    await delivered(world, REGION, world.clock())
    aws_account.deny("cloudtrail:LookupEvents")
    asked(simulator)
    await read_minutes(world, simulator, 5)
    assert (await world.account()).status is AccountStatus.ACTIVE
    await read_minutes(world, simulator, 10)
    assert (await world.account()).status is AccountStatus.DENIED


async def test_a_quiet_cursor_is_stored_every_five_minutes_and_nothing_is_missed(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[datetime] = []
    original = world.store.accounts.save_cursors

    async def counted(*args: object) -> None:
        stored.append(world.clock())
        await original(*args)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(world.store.accounts, "save_cursors", counted)
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    await read_minutes(world, simulator, 10)
    first = stored[0]
    assert stored == [first, first + SAVED_EVERY, first + 2 * SAVED_EVERY]
    for ago in (SECOND, 14 * MINUTE):
        aws_account.record(world.launch(1, ago=ago))
    await read_minutes(world, simulator, 1)
    assert (await world.baseline()).events == 2
    assert stored[-1] == world.clock()


@pytest.mark.usefixtures("aws_account")
async def test_a_cursor_that_catches_up_is_stored_at_every_turn(world: World, simulator: AwsSimulator) -> None:
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    world.turn(10 * HOUR)
    turns = 1
    while await world.poller(simulator).poll(TENANT, ACCOUNT):
        turns += 1
    assert turns < 20
    assert {cursor.read_until for cursor in (await world.account()).cursors} == {world.clock()}

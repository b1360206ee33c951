"""Our clock and AWS's differ by minutes: every record has its effect once, and nothing is found before it happened."""

from datetime import timedelta

import pytest

from demo.aws_account import AwsSimulator
from tests.demo.aws_world import TurnedClock
from tests.services.world import ACCOUNT, EXTERNAL_ID, HOUR, MINUTE, REGIONS, TENANT, World, stranger

SKEWS = [timedelta(minutes=minutes) for minutes in (-10, -2, 2, 10)]
"""By how much our clock is ahead of AWS's. AWS itself refuses requests signed more than a quarter of an hour off."""
STEP = 4 * MINUTE
ROUNDS = 9
CATCHING_UP = 4
"""Steps until our clock, if it is behind, has reached the last record's time."""


@pytest.mark.parametrize("skew", SKEWS, ids=str)
async def test_polling_finds_every_record_once(world: World, skew: timedelta) -> None:
    true_time = TurnedClock(world.turned.now - skew.total_seconds())
    simulator = AwsSimulator(clock=true_time, lookup_rate=None)
    await simulator.start()
    customer = simulator.add_account(ACCOUNT, REGIONS, external_id=EXTERNAL_ID)
    poller = world.poller(simulator)
    try:
        for number in range(ROUNDS + CATCHING_UP):
            if number < ROUNDS:
                customer.record(world.launch(1, ago=skew, region=REGIONS[number % 2]), visible_after=3 * 60)
            for clock in (true_time, world.turned):
                clock.now += STEP.total_seconds()
            await poller.poll(TENANT, ACCOUNT)
    finally:
        await simulator.stop()
    assert (await world.baseline()).events == ROUNDS
    assert await world.store.spending.sum_running(TENANT) == {ACCOUNT: ROUNDS}


@pytest.mark.parametrize("skew", SKEWS, ids=str)
async def test_received_records_have_the_same_effect(world: World, skew: timedelta) -> None:
    launches = [world.launch(6, ago=skew + number * MINUTE, actor=stranger(1)) for number in range(3)]
    stop = world.terminate(launches[0], ago=skew - MINUTE)
    await world.ingest(*launches, stop, *launches)
    [anomaly] = await world.anomalies()
    assert (await world.baseline()).events == 4
    assert anomaly.running_hourly_cost == 12.0
    assert anomaly.detected_at >= anomaly.first_event_time
    assert (await world.store.spending.sum_running(TENANT))[ACCOUNT] == pytest.approx(12.0)


@pytest.mark.parametrize("late", [timedelta(0), MINUTE, 3 * HOUR], ids=str)
async def test_a_start_that_comes_after_its_end_runs_no_more(world: World, late: timedelta) -> None:
    """In whichever order the two arrive, and however late the start, nothing is said to run that has ended."""
    launched = world.launch(6, ago=4 * HOUR)
    await world.ingest(world.terminate(launched, ago=3 * HOUR))
    world.turn(late)
    await world.ingest(launched)
    assert (await world.store.spending.sum_running(TENANT)).get(ACCOUNT, 0.0) == 0.0
    assert all(anomaly.running_hourly_cost == 0.0 for anomaly in await world.anomalies())

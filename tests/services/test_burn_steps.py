"""The sum so far moves on a card that nothing joins, at steps that grow, and stops when nothing burns."""

from datetime import timedelta

import pytest

from engine.burn_steps import next_step
from engine.examples import MONDAY, incident, launch
from engine.models.delivery import DeliveryState
from tests.services.scene import Scene, words
from tests.services.world import HOUR, MINUTE, TENANT

DAY = 24 * HOUR


async def turned(scene: Scene, span: timedelta) -> int:
    """Let time pass, move the clocks, and send what is due; gives how many calls to Slack that made."""
    before = len(scene.slack.calls_to("chat.update"))
    scene.world.turn(span)
    await scene.sender.move_clocks()
    await scene.sender.deliver_due()
    return len(scene.slack.calls_to("chat.update")) - before


@pytest.mark.parametrize(
    ("age", "step"),
    [
        (timedelta(), 15 * MINUTE),
        (15 * MINUTE, HOUR),
        (2 * HOUR, 4 * HOUR),
        (4 * HOUR, DAY),
        (DAY, 2 * DAY),
        (29.5 * DAY, 30 * DAY),
    ],
)
def test_the_steps_grow(age: timedelta, step: timedelta) -> None:
    assert next_step(incident(launch()), MONDAY + age) == MONDAY + step


def test_a_month_is_enough() -> None:
    assert next_step(incident(launch()), MONDAY + 30 * DAY) is None


async def test_a_card_that_nothing_joins_moves_at_each_step_and_not_between(scene: Scene) -> None:
    anomaly = await scene.alert()
    await scene.sender.deliver_due()
    [card] = scene.cards()
    started = anomaly.first_event_time - scene.world.clock()
    assert await turned(scene, started + 14 * MINUTE) == 0
    assert await turned(scene, MINUTE) == 1
    assert await turned(scene, 44 * MINUTE) == 0
    assert await turned(scene, MINUTE) == 1
    assert "$6.00 so far" in words(card)
    assert await turned(scene, 3 * HOUR) == 1
    assert "$24.00 so far" in words(card)
    assert await turned(scene, 5 * DAY) == 1
    assert await turned(scene, MINUTE) == 0
    delivery = await scene.delivery(anomaly)
    assert (delivery.state, delivery.shown, delivery.wanted) == (DeliveryState.SENT, 1, 1)
    assert len(scene.cards()) == 1


async def test_the_stop_closes_the_clock(scene: Scene) -> None:
    launched = scene.world.launch()
    await scene.world.ingest(launched)
    await scene.sender.deliver_due()
    scene.world.turn(2 * HOUR)
    await scene.world.ingest(scene.world.terminate(launched))
    await scene.sender.deliver_due()
    [card] = scene.cards()
    assert "Stopped after" in words(card)
    assert await turned(scene, 5 * DAY) == 0


async def test_what_is_expected_rests(scene: Scene) -> None:
    anomaly = await scene.alert()
    await scene.sender.deliver_due()
    await scene.world.verdicts.mark_expected(TENANT, anomaly.anomaly_id, "U1")
    await scene.sender.deliver_due()
    assert await turned(scene, 5 * DAY) == 0


async def test_one_turn_takes_only_so_many(scene: Scene) -> None:
    for number in range(3):
        await scene.alert(number)
        scene.world.turn(3 * HOUR)
    await scene.sender.deliver_due()
    scene.world.turn(5 * DAY)
    assert await scene.sender.move_clocks(limit=2) == 2
    assert await scene.sender.move_clocks(limit=2) == 1
    assert await scene.sender.move_clocks(limit=2) == 0

"""A card that hangs holds up no other, and a sender that is late undoes nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from blocks.status import status
from demo.slack_workspace.limits import Hold
from engine.models.anomaly import Anomaly
from engine.models.delivery import DeliveryState
from services.lanes import OF_ONE_TENANT
from services.retrying import LEASE_SECONDS
from tests.services.scene import Scene, words
from tests.services.world import HOUR, SECOND, TENANT

PATIENCE_SECONDS = 20.0


async def arrived(hold: Hold) -> None:
    await asyncio.wait_for(hold.arrived.wait(), PATIENCE_SECONDS)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await holds():  # noqa: ASYNC110 - the database announces nothing
            await asyncio.sleep(0.01)


async def alerts(scene: Scene, count: int) -> list[Anomaly]:
    found = []
    for number in range(count):
        found.append(await scene.alert(number))
        scene.world.turn(3 * HOUR)
    return found


async def is_sent(scene: Scene, anomaly: Anomaly) -> bool:
    return (await scene.delivery(anomaly)).state is DeliveryState.SENT


async def test_while_one_card_hangs_the_next_is_posted(scene: Scene) -> None:
    first, second = await alerts(scene, 2)
    held = scene.slack.hold_next("chat.postMessage")
    turn = asyncio.create_task(scene.sender.deliver_due())
    await arrived(held)
    await until(lambda: is_sent(scene, second))
    assert (await scene.delivery(first)).state is DeliveryState.SENDING
    held.released.set()
    assert await turn == 2
    assert await is_sent(scene, first)


async def test_the_next_turn_posts_what_came_while_the_last_one_hangs(scene: Scene) -> None:
    await scene.alert()
    held = scene.slack.hold_next("chat.postMessage")
    turn = asyncio.create_task(scene.sender.deliver_due())
    await arrived(held)
    scene.world.turn(3 * HOUR)
    second = await scene.alert(1)
    assert await scene.sender.deliver_due() >= 1
    assert await is_sent(scene, second)
    held.released.set()
    await turn


async def test_one_tenant_does_not_take_all_places(scene: Scene) -> None:
    await alerts(scene, OF_ONE_TENANT + 2)
    held = [scene.slack.hold_next("chat.postMessage") for _ in range(OF_ONE_TENANT)]
    turn = asyncio.create_task(scene.sender.deliver_due())
    for one in held:
        await arrived(one)
    assert await scene.sender.deliver_due() == 0
    assert len(scene.cards()) == OF_ONE_TENANT
    for one in held:
        one.released.set()
    assert await turn == OF_ONE_TENANT + 2
    assert len(scene.cards()) == OF_ONE_TENANT + 2


async def test_who_is_told_to_stop_begins_nothing_more(scene: Scene) -> None:
    await alerts(scene, OF_ONE_TENANT + 2)
    held = [scene.slack.hold_next("chat.postMessage") for _ in range(OF_ONE_TENANT)]
    turn = asyncio.create_task(scene.sender.deliver_due())
    for one in held:
        await arrived(one)
    scene.sender.stop()
    for one in held:
        one.released.set()
    assert await turn == OF_ONE_TENANT
    assert await scene.new_sender().deliver_due() == 2


async def late_sender(scene: Scene) -> tuple[asyncio.Task[int], Hold]:
    """A sender whose card stands in the channel, whose answer has not come, and whose lease has ended."""
    held = scene.slack.hold_next("chat.postMessage")
    late = asyncio.create_task(scene.new_sender().deliver_due())
    await arrived(held)
    scene.world.turn((LEASE_SECONDS + 1) * SECOND)
    return late, held


async def test_the_copy_of_a_late_sender_is_taken_away(scene: Scene) -> None:
    """Without the scope to look, the second sender posted its own."""
    scene.slack.grant_history(False)
    anomaly = await scene.alert()
    late, held = await late_sender(scene)
    assert await scene.sender.deliver_due() == 1
    first, second = scene.cards()
    held.released.set()
    await late
    assert scene.cards() == [second]
    assert first.message_ts != second.message_ts
    assert (await scene.delivery(anomaly)).message_ts == second.message_ts


async def test_a_card_that_the_next_sender_found_stays(scene: Scene) -> None:
    scene.slack.grant_history()
    anomaly = await scene.alert()
    late, held = await late_sender(scene)
    assert await scene.sender.deliver_due() == 1
    held.released.set()
    await late
    [card] = scene.cards()
    assert (await scene.delivery(anomaly)).message_ts == card.message_ts
    assert scene.slack.calls_to("chat.delete") == []


async def test_while_the_next_sender_is_at_it_the_copy_stays(scene: Scene) -> None:
    scene.slack.grant_history(False)
    await scene.alert()
    late, held = await late_sender(scene)
    held_too = scene.slack.hold_next("chat.postMessage")
    turn = asyncio.create_task(scene.sender.deliver_due())
    await arrived(held_too)
    held.released.set()
    await late
    assert scene.slack.calls_to("chat.delete") == []
    held_too.released.set()
    await turn
    assert ["may repeat" in words(card) for card in scene.cards()] == [False, True]


async def test_a_copy_that_cannot_be_taken_away_is_no_error(scene: Scene) -> None:
    scene.slack.grant_history(False)
    anomaly = await scene.alert()
    late, held = await late_sender(scene)
    await scene.sender.deliver_due()
    scene.slack.fail_next("chat.delete", error="cant_delete_message")
    held.released.set()
    assert await late == 1
    assert await is_sent(scene, anomaly)
    assert len(scene.cards()) == 2


async def test_a_card_deleted_on_its_way_is_no_error(scene: Scene) -> None:
    await scene.alert()
    held = scene.slack.hold_next("chat.postMessage")
    turn = asyncio.create_task(scene.sender.deliver_due())
    await arrived(held)
    await scene.world.store.outbox._outbox.delete_many({})  # noqa: SLF001 - a tenant that leaves, at this very moment
    held.released.set()
    assert await turn == 1


async def test_a_card_that_hangs_is_named_in_the_status(scene: Scene) -> None:
    anomaly = await scene.alert()
    held = scene.slack.hold_next("chat.postMessage")
    turn = asyncio.create_task(scene.sender.deliver_due())
    await arrived(held)
    assert (await scene.world.reports.status(TENANT)).deliveries == ()
    scene.world.turn(31 * SECOND)
    shown = json.dumps(status(await scene.world.reports.status(TENANT)).blocks)
    assert f"{anomaly.anomaly_id[:8]} is being sent, and Slack has not answered yet" in shown
    held.released.set()
    await turn

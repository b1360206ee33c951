"""A post that hangs holds up no other tenant's, a sender that is late undoes nothing, and replies keep their order."""

import asyncio
from typing import Any

import pytest

from demo.slack_workspace.limits import Hold
from demo.slack_workspace.models import Message
from engine.models.account import Tenant
from engine.models.delivery import DeliveryState
from engine.models.post import Joined, Post
from services.lanes import OF_ONE_TENANT
from services.posting import PostSender
from services.retrying import LEASE_SECONDS
from tests.services.scene import Scene, words
from tests.services.world import SECOND, TENANT

OTHER_TENANT = "t-other"
PATIENCE_SECONDS = 20.0


@pytest.fixture
def posts(scene: Scene) -> PostSender:
    return scene.new_post_sender()


async def put(scene: Scene, name: str, tenant_id: str = TENANT, thread_ts: str = "") -> Post:
    """Put a message on its way that says in its price which one it is."""
    scene.world.turn(SECOND)
    now = scene.world.clock()
    post = Post(
        post_id=name,
        content=Joined(lines=(), hourly_cost=float(name), unknown_price=False),
        channel_id=scene.channel.channel_id,
        thread_ts=thread_ts,
        state=DeliveryState.PENDING,
        due_at=now,
        created_at=now,
    )
    return await scene.world.store.posts.insert_post(tenant_id, post)


async def state_of(scene: Scene, name: str, tenant_id: str = TENANT) -> DeliveryState:
    found = await scene.world.store.posts.find_post(tenant_id, name)
    assert found
    return found.state


async def arrived(hold: Hold) -> None:
    await asyncio.wait_for(hold.arrived.wait(), PATIENCE_SECONDS)


async def test_posts_that_hang_hold_up_no_other_tenant(scene: Scene, posts: PostSender) -> None:
    other = Tenant(tenant_id=OTHER_TENANT, team_id="T-other", team_name="Other", alert_channel_id="C1")
    await scene.world.store.tenants.save_tenant(other)
    for number in range(OF_ONE_TENANT + 1):
        await put(scene, f"{number}")
    await put(scene, "9", OTHER_TENANT)
    held = [scene.slack.hold_next("chat.postMessage") for _ in range(OF_ONE_TENANT)]
    turn = asyncio.create_task(posts.deliver_due())
    for one in held:
        await arrived(one)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await state_of(scene, "9", OTHER_TENANT) is not DeliveryState.SENT:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.01)
    assert await state_of(scene, "0") is DeliveryState.SENDING
    for one in held:
        one.released.set()
    assert await turn == OF_ONE_TENANT + 2
    assert len(scene.cards()) == OF_ONE_TENANT + 2


async def test_who_is_told_to_stop_begins_nothing_more(scene: Scene, posts: PostSender) -> None:
    await put(scene, "1")
    posts.stop()
    assert await posts.deliver_due() == 0
    assert await scene.new_post_sender().deliver_due() == 1


async def late_sender(scene: Scene) -> tuple[asyncio.Task[int], Hold]:
    """A sender whose post stands in the channel, whose answer has not come, and whose lease has ended."""
    held = scene.slack.hold_next("chat.postMessage")
    late = asyncio.create_task(scene.new_post_sender().deliver_due())
    await arrived(held)
    scene.world.turn((LEASE_SECONDS + 1) * SECOND)
    return late, held


@pytest.mark.parametrize("may_look", [True, False])
async def test_of_a_late_sender_and_the_next_one_message_stays(scene: Scene, posts: PostSender, may_look: bool) -> None:
    scene.slack.grant_history(may_look)
    await put(scene, "1")
    late, held = await late_sender(scene)
    assert await posts.deliver_due() == 1
    held.released.set()
    assert await late == 1
    [message] = scene.cards()
    stored = await scene.world.store.posts.find_post(TENANT, "1")
    assert stored
    assert (stored.message_ts, stored.state) == (message.message_ts, DeliveryState.SENT)
    assert ("may repeat" in words(message)) is not may_look


async def test_a_late_sender_that_failed_does_not_send_it_again(scene: Scene, posts: PostSender) -> None:
    await put(scene, "1")
    late, held = await late_sender(scene)
    scene.slack.grant_history()
    await posts.deliver_due()
    scene.slack.fail_next("chat.delete", error="cant_delete_message")
    held.released.set()
    await late
    assert await state_of(scene, "1") is DeliveryState.SENT


async def test_a_post_deleted_on_its_way_is_no_error(scene: Scene, posts: PostSender) -> None:
    await put(scene, "1")
    held = scene.slack.hold_next("chat.postMessage")
    turn = asyncio.create_task(posts.deliver_due())
    await arrived(held)
    await scene.world.store.posts._posts.delete_many({})  # noqa: SLF001 - a tenant that leaves, at this very moment
    held.released.set()
    assert await turn == 1


def replies(card: Message) -> list[str]:
    return [reply.text for reply in card.replies]


@pytest.mark.parametrize("failure", [{"retry_after": 5}, {"status": 500}], ids=str)
async def test_replies_come_in_their_order_whatever_happens_to_the_first(
    scene: Scene, posts: PostSender, failure: dict[str, Any]
) -> None:
    scene.slack.grant_history()
    await scene.alert()
    await scene.sender.deliver_due()
    [card] = scene.cards()
    for name in ("1", "2", "3"):
        await put(scene, name, thread_ts=card.message_ts)
    scene.slack.fail_next("chat.postMessage", **failure)
    for _ in range(10):
        await posts.deliver_due()
        scene.world.turn(3 * SECOND)
    assert [text.split("$")[1][0] for text in replies(card)] == ["1", "2", "3"]

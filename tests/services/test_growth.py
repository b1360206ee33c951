"""What joins an incident is told in its card's thread, once."""

import json
from typing import Any

import msgspec
import pytest

from demo.slack_workspace.models import Message
from engine.errors import Unavailable
from engine.models.anomaly import Anomaly
from engine.models.delivery import DeliveryState
from services.posting import PostSender
from tests.services.scene import Scene, words
from tests.services.world import HOUR, MINUTE, TENANT, stranger


@pytest.fixture
def posts(scene: Scene) -> PostSender:
    return scene.new_post_sender()


async def start(scene: Scene, count: int, kind: str, region: str = "us-east-1") -> None:
    """The same stranger starts more, and the card is brought up to date."""
    scene.world.turn(MINUTE)
    await scene.world.ingest(scene.world.launch(count, kind, actor=stranger(0), region=region))
    await scene.sender.deliver_due()


async def told(scene: Scene) -> Anomaly:
    anomaly = await scene.alert()
    await scene.sender.deliver_due()
    return anomaly


def replies(scene: Scene) -> list[Message]:
    [card] = scene.cards()
    return card.replies


async def test_a_little_more_of_the_same_only_moves_the_numbers(scene: Scene, posts: PostSender) -> None:
    await told(scene)
    await start(scene, 5, "m5.large")
    assert await posts.deliver_due() == 0
    assert "11 " in words(scene.cards()[0])
    assert replies(scene) == []


async def test_twice_of_what_people_know_is_told_each_time(scene: Scene, posts: PostSender) -> None:
    await told(scene)
    await start(scene, 6, "m5.large")
    assert await posts.deliver_due() == 1
    await start(scene, 11, "m5.large")
    assert await posts.deliver_due() == 0
    await start(scene, 400, "m5.large")
    assert await posts.deliver_due() == 1
    first, second = replies(scene)
    assert "12 " in words(first)
    assert "423 " in words(second)


async def test_what_was_called_not_expected_is_told_whenever_it_comes_again(scene: Scene, posts: PostSender) -> None:
    anomaly = await told(scene)
    await scene.world.verdicts.not_expected(TENANT, anomaly.anomaly_id, "U1")
    await start(scene, 1, "m5.large")
    assert await posts.deliver_due() == 1


async def test_another_type_and_another_region_are_told_once(scene: Scene, posts: PostSender) -> None:
    await told(scene)
    await start(scene, 7, "p3.2xlarge")
    assert await posts.deliver_due() == 1
    await start(scene, 3, "p3.2xlarge")
    await start(scene, 8, "m5.large", "eu-west-1")
    assert await posts.deliver_due() == 1
    assert await posts.deliver_due() == 0
    first, second = replies(scene)
    assert "p3.2xlarge in us-east-1: $7.00" in words(first)
    assert "m5.large in eu-west-1: $8.00" in words(second)
    assert "p3" not in words(second)


async def test_a_sender_that_dies_between_telling_and_noting_tells_once(
    scene: Scene, posts: PostSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    anomaly = await told(scene)
    save = scene.world.store.outbox.save_delivery

    async def dead(*_args: Any) -> None:
        raise Unavailable("MongoDB is away.")

    monkeypatch.setattr(scene.world.store.outbox, "save_delivery", dead)
    with pytest.raises(Unavailable):
        await start(scene, 7, "p3.2xlarge")
    monkeypatch.setattr(scene.world.store.outbox, "save_delivery", save)
    await scene.world.ingest(scene.world.launch(9, "g5.xlarge", actor=stranger(0)))
    assert await scene.later() == 1
    await posts.deliver_due()
    scene.world.turn(MINUTE)
    await posts.deliver_due()
    assert [words(reply).count("xlarge in") for reply in replies(scene)] == [1, 1]
    assert len((await scene.delivery(anomaly)).told) == 3


async def test_while_it_is_snoozed_only_what_it_did_not_speak_of_is_told(scene: Scene, posts: PostSender) -> None:
    anomaly = await told(scene)
    await scene.world.verdicts.snooze(TENANT, anomaly.anomaly_id, "U1", 4 * HOUR)
    await start(scene, 60, "m5.large")
    assert await posts.deliver_due() == 0
    await start(scene, 7, "p3.2xlarge")
    assert await posts.deliver_due() == 1
    await scene.world.verdicts.undo(TENANT, anomaly.anomaly_id, "U1")
    await scene.sender.deliver_due()
    assert await posts.deliver_due() == 1
    first, second = replies(scene)
    assert "p3.2xlarge" in words(first)
    assert "m5.large" in words(second)
    assert "p3.2xlarge" not in words(second)


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("failure", [{"status": 500}, {}], ids=str)
async def test_in_doubt_the_thread_decides(
    scene: Scene, posts: PostSender, failure: dict[str, Any], after_effect: bool
) -> None:
    scene.slack.grant_history()
    await told(scene)
    await start(scene, 7, "p3.2xlarge")
    scene.slack.fail_next("chat.postMessage", after_effect=after_effect, **failure)
    await posts.deliver_due()
    scene.world.turn(MINUTE)
    assert await posts.deliver_due() == 1
    [reply] = replies(scene)
    assert "may repeat" not in words(reply)
    assert await posts.deliver_due() == 0


async def test_where_nobody_may_look_it_is_said_again_and_says_so(scene: Scene, posts: PostSender) -> None:
    scene.slack.grant_history(False)
    await told(scene)
    await start(scene, 7, "p3.2xlarge")
    scene.slack.fail_next("chat.postMessage", status=500, after_effect=True)
    await posts.deliver_due()
    scene.world.turn(MINUTE)
    await posts.deliver_due()
    assert ["may repeat" in words(reply) for reply in replies(scene)] == [False, True]


async def test_a_limit_is_waited_for_as_long_as_slack_says(scene: Scene, posts: PostSender) -> None:
    await told(scene)
    await start(scene, 7, "p3.2xlarge")
    scene.slack.fail_next("chat.postMessage", retry_after=37)
    await posts.deliver_due()
    scene.world.turn(36 * (MINUTE / 60))
    assert await posts.deliver_due() == 0
    scene.world.turn(MINUTE / 60)
    assert await posts.deliver_due() == 1
    assert len(replies(scene)) == 1


async def test_a_fault_of_ours_is_given_up_and_holds_up_no_other(scene: Scene) -> None:
    class Faulty:
        async def post(self, *_given: object) -> None:
            raise RuntimeError("a fault")

    await told(scene)
    await start(scene, 7, "p3.2xlarge")
    await scene.new_post_sender(Faulty()).deliver_due()
    [stuck] = await scene.world.store.posts.find_stuck(TENANT)
    assert stuck.state is DeliveryState.DEAD
    assert "RuntimeError" in stuck.error


async def test_the_reply_stands_in_the_cards_thread(scene: Scene, posts: PostSender) -> None:
    await told(scene)
    await start(scene, 7, "p3.2xlarge")
    await posts.deliver_due()
    sent = scene.slack.calls_to("chat.postMessage")[-1]
    assert sent.params["thread_ts"] == scene.cards()[0].message_ts
    metadata = sent.params["metadata"]
    payload = json.loads(metadata) if isinstance(metadata, str) else metadata
    assert payload["event_type"] == "dd0c_post"
    assert msgspec.json.encode(payload)


def said_in_channel(scene: Scene) -> list[Message]:
    return [reply for reply in replies(scene) if reply.is_broadcast]


async def test_the_channel_is_told_once_that_it_got_critical(scene: Scene, posts: PostSender) -> None:
    """Eleven dollars by thirty-three, less than twice of what the thread told last, and then forty more."""
    await told(scene)
    await start(scene, 12, "m5.large")
    await start(scene, 14, "m5.large")
    await posts.deliver_due()
    scene.world.turn(MINUTE)
    await posts.deliver_due()
    [said] = said_in_channel(scene)
    assert said.text.startswith("This incident is critical now")
    assert "32 " in words(said)
    await start(scene, 70, "m5.large")
    await posts.deliver_due()
    assert len(replies(scene)) == 3
    assert said_in_channel(scene) == [said]


async def test_what_is_critical_from_the_start_is_not_told_again(scene: Scene, posts: PostSender) -> None:
    await scene.world.ingest(scene.world.launch(40, actor=stranger(0)))
    await scene.sender.deliver_due()
    await start(scene, 41, "m5.large")
    await posts.deliver_due()
    assert len(replies(scene)) == 1
    assert said_in_channel(scene) == []


async def test_a_sender_that_dies_tells_the_channel_once(
    scene: Scene, posts: PostSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    anomaly = await told(scene)

    async def dead(*_args: Any) -> None:
        raise Unavailable("MongoDB is away.")

    with monkeypatch.context() as broken:
        broken.setattr(scene.world.store.outbox, "save_delivery", dead)
        with pytest.raises(Unavailable):
            await start(scene, 30, "m5.large")
    await scene.later()
    for _ in range(3):
        await posts.deliver_due()
        scene.world.turn(MINUTE)
    assert len(said_in_channel(scene)) == len(replies(scene)) == 1
    assert (await scene.delivery(anomaly)).told_severity == "critical"


async def test_a_rise_during_a_snooze_is_told_when_that_ends(scene: Scene, posts: PostSender) -> None:
    anomaly = await told(scene)
    await scene.world.verdicts.snooze(TENANT, anomaly.anomaly_id, "U1", HOUR)
    await start(scene, 60, "m5.large")
    await posts.deliver_due()
    assert replies(scene) == []
    scene.world.turn(2 * HOUR)
    await scene.world.verdicts.wake_snoozed()
    await scene.sender.deliver_due()
    await posts.deliver_due()
    assert len(said_in_channel(scene)) == 1

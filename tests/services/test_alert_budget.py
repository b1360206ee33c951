"""So many cards a channel and day; the rest is one message that grows; the net is never stopped."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from blocks.anomaly_list import anomaly_list
from blocks.digest import digest
from blocks.explanation import explanation
from demo.slack_workspace.models import Message
from engine.errors import Unavailable
from engine.models.anomaly import Anomaly, Decision, DecisionKind
from engine.models.audit import AuditRecord
from engine.models.delivery import DeliveryState
from engine.models.schedule import DigestSchedule
from engine.models.search import AnomalyQuery
from services.posting import PostSender
from tests.services.scene import Scene, words
from tests.services.world import DAY, HOUR, MINUTE, SECOND, TENANT, stranger

BUDGET = 3


@pytest.fixture
async def tight(scene: Scene) -> Scene:
    """A scene whose channels take three cards a day. Its strangers' launches are no case for the safety net."""
    await use_budget(scene, BUDGET)
    return scene


@pytest.fixture
def posts(scene: Scene) -> PostSender:
    return scene.new_post_sender()


async def use_budget(scene: Scene, budget: int) -> None:
    record = AuditRecord(at=scene.world.clock(), action="setting.changed", actor="U1")
    await scene.world.store.tenants.save_alert_budget(TENANT, budget, record)


async def alert(scene: Scene, number: int, *, safety_net: bool = False) -> Anomaly:
    """Put a card on its way whose decision is as wanted."""
    before = {one.anomaly_id for one in await scene.world.anomalies()}
    await scene.world.ingest(scene.world.launch(6 + number, actor=stranger(number)))
    [made] = [one for one in await scene.world.anomalies() if one.anomaly_id not in before]
    decision = Decision(DecisionKind.ALERT, "Unusual and expensive.", safety_net=safety_net)
    change = {"$set": {"decision": msgspec.to_builtins(decision)}}
    anomalies = scene.world.store.search._anomalies  # noqa: SLF001 - a mature account takes weeks to make
    await anomalies.update_one({"anomaly_id": made.anomaly_id}, change)
    scene.world.turn(MINUTE)
    return msgspec.structs.replace(made, decision=decision)


async def alerts(scene: Scene, count: int, first: int = 0) -> list[Anomaly]:
    return [await alert(scene, first + number) for number in range(count)]


def cards(scene: Scene) -> list[Message]:
    return [message for message in scene.cards() if "without a card today" not in message.text]


def summaries(scene: Scene) -> list[Message]:
    return [message for message in scene.cards() if "without a card today" in message.text]


async def state_of(scene: Scene, anomaly: Anomaly) -> DeliveryState:
    return (await scene.delivery(anomaly)).state


async def settle(scene: Scene, posts: PostSender) -> None:
    for _ in range(4):
        await scene.sender.deliver_due()
        await posts.deliver_due()
        scene.world.turn(20 * SECOND)


async def test_beyond_the_budget_one_message_stands_for_all_and_grows_in_place(tight: Scene, posts: PostSender) -> None:
    await alerts(tight, BUDGET + 1)
    await settle(tight, posts)
    [summary] = summaries(tight)
    assert len(cards(tight)) == BUDGET
    assert summary.text.startswith("1 more finding without a card today")
    await alerts(tight, 2, first=10)
    await settle(tight, posts)
    assert [summary] == summaries(tight)
    assert summary.text.startswith("3 more findings")
    assert "This channel has had its 3 cards" in words(summary)
    assert len(cards(tight)) == BUDGET
    assert len(tight.slack.calls_to("chat.update")) <= 2


async def test_what_the_safety_net_caught_has_its_card_and_counts(tight: Scene, posts: PostSender) -> None:
    for number in range(BUDGET + 2):
        await alert(tight, number, safety_net=True)
    await settle(tight, posts)
    assert len(cards(tight)) == BUDGET + 2
    held = await alert(tight, 20)
    await settle(tight, posts)
    assert await state_of(tight, held) is DeliveryState.HELD
    assert len(summaries(tight)) == 1


async def test_off_means_any_number_of_cards(tight: Scene) -> None:
    await use_budget(tight, 0)
    await alerts(tight, BUDGET + 3)
    await tight.sender.deliver_due()
    assert len(cards(tight)) == BUDGET + 3


async def test_a_new_day_in_the_tenants_zone_has_new_cards_and_a_new_message(tight: Scene, posts: PostSender) -> None:
    schedule = DigestSchedule(zone="Pacific/Auckland")
    record = AuditRecord(at=tight.world.clock(), action="setting.changed", actor="U1")
    await tight.world.store.tenants.save_digest(TENANT, schedule, record)
    await alerts(tight, BUDGET + 1)
    await settle(tight, posts)
    [held] = [one for one in await tight.world.anomalies() if await state_of(tight, one) is DeliveryState.HELD]
    assert (await tight.delivery(held)).held_for.endswith(auckland_day(tight))
    tight.world.turn(DAY)
    await alerts(tight, BUDGET + 1, first=10)
    await settle(tight, posts)
    assert (len(cards(tight)), len(summaries(tight))) == (2 * BUDGET, 2)


def auckland_day(scene: Scene) -> str:
    return scene.world.clock().astimezone(ZoneInfo("Pacific/Auckland")).date().isoformat()


async def test_senders_at_once_count_each_card_once(tight: Scene, posts: PostSender) -> None:
    made = await alerts(tight, BUDGET + 4)
    await asyncio.gather(*(tight.new_sender().deliver_due() for _ in range(4)))
    states = [await state_of(tight, one) for one in made]
    assert sorted(states) == [DeliveryState.HELD] * 4 + [DeliveryState.SENT] * BUDGET
    await settle(tight, posts)
    [summary] = summaries(tight)
    assert summary.text.startswith("4 more findings")


@pytest.mark.parametrize(
    "failure", [{"retry_after": 5}, {"status": 500}, {"status": 500, "after_effect": True}], ids=str
)
async def test_a_card_that_is_tried_again_keeps_its_place(
    tight: Scene, posts: PostSender, failure: dict[str, Any]
) -> None:
    tight.slack.grant_history()
    made = await alerts(tight, BUDGET)
    for _ in range(3):
        tight.slack.fail_next("chat.postMessage", **failure)
    await settle(tight, posts)
    tight.world.turn(MINUTE)
    await settle(tight, posts)
    assert [await state_of(tight, one) for one in made] == [DeliveryState.SENT] * BUDGET
    assert (len(cards(tight)), len(summaries(tight))) == (BUDGET, 0)


async def test_a_sender_that_dies_before_it_noted_that_it_held_back_loses_and_doubles_nothing(
    tight: Scene, posts: PostSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await alerts(tight, BUDGET + 2)

    async def dead(*_args: object) -> bool:
        raise Unavailable("MongoDB is away.")

    with monkeypatch.context() as broken:
        broken.setattr(tight.world.store.budgets, "hold", dead)
        with pytest.raises(Unavailable):
            await tight.sender.deliver_due()
    tight.world.turn(HOUR)
    await settle(tight, posts)
    [summary] = summaries(tight)
    assert summary.text.startswith("2 more findings")
    assert len(cards(tight)) == BUDGET
    assert {await state_of(tight, one) for one in made} == {DeliveryState.SENT, DeliveryState.HELD}


async def test_a_database_that_is_away_leaves_no_card_in_doubt(
    tight: Scene, posts: PostSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    [made] = await alerts(tight, 1)

    async def away(*_args: object) -> bool:
        raise Unavailable("MongoDB is away.")

    with monkeypatch.context() as broken:
        broken.setattr(tight.world.store.budgets, "take", away)
        await tight.sender.deliver_due()
    assert await state_of(tight, made) is DeliveryState.PENDING
    tight.world.turn(MINUTE)
    await settle(tight, posts)
    assert "may repeat" not in words(cards(tight)[0])


async def test_what_was_held_back_is_in_the_list_the_digest_and_the_explanation(
    tight: Scene, posts: PostSender
) -> None:
    made = await alerts(tight, BUDGET + 1)
    await settle(tight, posts)
    [held] = [one for one in made if await state_of(tight, one) is DeliveryState.HELD]
    listed = json.dumps(anomaly_list(await tight.world.findings.list_anomalies(TENANT, AnomalyQuery())).blocks)
    assert held.anomaly_id[:8] in listed
    assert listed.count("without a card for the alert budget was used up") == 1
    told = json.dumps(digest(await tight.world.digests.last_day(TENANT)).blocks)
    assert "1 finding, " in told
    assert "Without a card, for the alert budget of their channel was used up" in told
    explained = json.dumps(explanation(await tight.world.findings.explain(TENANT, held.anomaly_id)).blocks)
    assert "its card was held back" in explained


async def test_what_grows_asks_again_and_gets_its_card_on_another_day_or_by_the_net(
    tight: Scene, posts: PostSender
) -> None:
    made = await alerts(tight, BUDGET + 1)
    await settle(tight, posts)
    [held] = [one for one in made if await state_of(tight, one) is DeliveryState.HELD]
    [number] = [number for number, one in enumerate(made) if one is held]
    await tight.world.ingest(tight.world.launch(30, actor=stranger(number)))
    await settle(tight, posts)
    assert (await tight.world.store.anomalies.find_anomaly(TENANT, held.anomaly_id)).decision.safety_net
    assert await state_of(tight, held) is DeliveryState.SENT
    assert len(cards(tight)) == BUDGET + 1


async def test_what_was_held_back_and_is_over_gets_no_card(tight: Scene, posts: PostSender) -> None:
    made = await alerts(tight, BUDGET + 1)
    await settle(tight, posts)
    [held] = [one for one in made if await state_of(tight, one) is DeliveryState.HELD]
    await tight.world.verdicts.mark_expected(TENANT, held.anomaly_id, "U1")
    await settle(tight, posts)
    assert await state_of(tight, held) is DeliveryState.HELD
    assert len(cards(tight)) == BUDGET


def deleted(scene: Scene) -> None:
    scene.slack.state.remove_message(summaries(scene)[0])


def archived(scene: Scene) -> None:
    scene.slack.archive_channel(scene.channel.channel_id)


@pytest.mark.parametrize("lose", [deleted, archived])
async def test_a_message_that_cannot_be_edited_any_more_is_no_error(
    tight: Scene, posts: PostSender, lose: Callable[[Scene], None]
) -> None:
    await alerts(tight, BUDGET + 1)
    await settle(tight, posts)
    lose(tight)
    tight.channel.is_archived = False
    await alerts(tight, 1, first=10)
    lose_calls = len(tight.slack.calls_to("chat.update"))
    await settle(tight, posts)
    assert await tight.world.store.posts.find_stuck(TENANT) == []
    assert len(tight.slack.calls_to("chat.update")) <= lose_calls + 2

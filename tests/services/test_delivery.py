"""Cards reach the simulated Slack, and stay true."""

from typing import Any

import pytest

from engine.models.account import GovernanceMode
from engine.models.anomaly import DecisionKind
from engine.models.delivery import DeliveryState
from tests.services.scene import Scene, words
from tests.services.world import HOUR, MINUTE, SECOND, TENANT, stranger


async def test_a_card_is_posted_once_and_updated_after(scene: Scene) -> None:
    anomaly = await scene.alert()
    assert await scene.sender.deliver_due() == 1
    assert await scene.sender.deliver_due() == 0
    [card] = scene.cards()
    assert card.metadata == {"event_type": "dd0c_anomaly", "event_payload": {"anomaly_id": anomaly.anomaly_id}}
    await scene.world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U1")
    assert await scene.later() == 1
    assert [card] == scene.cards()
    assert "acknowledged this" in words(card)
    assert (await scene.delivery(anomaly)).state is DeliveryState.SENT


async def test_many_changes_while_slack_is_away_end_in_one_update(scene: Scene) -> None:
    anomaly = await scene.alert()
    await scene.sender.deliver_due()
    for number in range(1, 6):
        scene.world.turn(SECOND)
        await scene.world.ingest(scene.world.launch(number, actor=stranger(0)))
    assert await scene.later() == 1
    assert len(scene.slack.calls_to("chat.update")) == 1
    stored = (await scene.world.anomalies())[0]
    delivery = await scene.delivery(anomaly)
    assert (delivery.shown, delivery.wanted) == (stored.revision, stored.revision)


async def test_a_change_during_the_post_is_not_lost(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    anomaly = await scene.alert()
    save = scene.world.store.outbox.save_delivery

    async def late(*args: Any) -> bool:
        if (await scene.delivery(anomaly)).wanted == 1:
            await scene.world.ingest(scene.world.launch(9, actor=stranger(0)))
        return await save(*args)

    monkeypatch.setattr(scene.world.store.outbox, "save_delivery", late)
    assert await scene.sender.deliver_due() == 2
    [card] = scene.cards()
    assert "15" in words(card)


async def test_who_sends_a_card_shows_at_once_what_was_clicked_meanwhile(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody takes a click back as soon as they see it, before it is saved that they do."""
    anomaly = await scene.alert()
    await scene.sender.deliver_due()
    await scene.world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U1")
    save = scene.world.store.outbox.save_delivery

    async def late(*args: Any) -> Any:
        if "acknowledged this" in words(scene.cards()[0]):
            await scene.world.verdicts.undo(TENANT, anomaly.anomaly_id, "U2")
            await scene.sender.deliver_one(TENANT, anomaly.anomaly_id)
        return await save(*args)

    monkeypatch.setattr(scene.world.store.outbox, "save_delivery", late)
    await scene.sender.deliver_one(TENANT, anomaly.anomaly_id)
    assert "acknowledged this" not in words(scene.cards()[0])
    assert (await scene.delivery(anomaly)).state is DeliveryState.SENT


async def test_a_limit_is_waited_for_as_long_as_slack_says(scene: Scene) -> None:
    anomaly = await scene.alert()
    scene.slack.fail_next("chat.postMessage", retry_after=37)
    await scene.sender.deliver_due()
    delivery = await scene.delivery(anomaly)
    assert delivery.state is DeliveryState.PENDING
    assert (delivery.due_at - scene.world.clock()).total_seconds() == 37
    assert await scene.later(36) == 0
    assert await scene.later(1) == 1
    assert len(scene.cards()) == 1


async def test_a_card_stays_in_its_channel(scene: Scene) -> None:
    anomaly = await scene.alert()
    await scene.sender.deliver_due()
    await scene.use_channel(scene.slack.add_channel("others").channel_id)
    await scene.world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U1")
    await scene.later()
    assert "acknowledged this" in words(scene.cards()[0])


async def test_pauses_grow_and_end_at_a_quarter_of_an_hour(scene: Scene) -> None:
    anomaly = await scene.alert()
    scene.slack.archive_channel(scene.channel.channel_id)
    pauses = []
    for _ in range(12):
        await scene.later()
        pauses.append(((await scene.delivery(anomaly)).due_at - scene.world.clock()).total_seconds())
    assert pauses[:4] == [2, 4, 8, 16]
    assert pauses[-1] == 900


async def test_a_card_that_a_person_deleted_is_left_alone(scene: Scene) -> None:
    anomaly = await scene.alert()
    await scene.sender.deliver_due()
    scene.slack.state.remove_message(scene.cards()[0])
    await scene.world.verdicts.acknowledge(TENANT, anomaly.anomaly_id, "U1")
    assert await scene.later() == 1
    assert await scene.later() == 0
    assert scene.cards() == []
    assert (await scene.delivery(anomaly)).state is DeliveryState.SENT


async def test_the_clicked_card_comes_before_the_others(scene: Scene) -> None:
    first = await scene.alert()
    await scene.sender.deliver_due()
    for number in range(1, 9):
        scene.world.turn(3 * HOUR)
        await scene.alert(number)
    scene.world.turn(MINUTE)
    await scene.world.verdicts.acknowledge(TENANT, first.anomaly_id, "U1")
    await scene.sender.deliver_one(TENANT, first.anomaly_id)
    [card] = scene.cards()
    assert "acknowledged this" in words(card)
    await scene.sender.deliver_one(TENANT, first.anomaly_id)
    await scene.sender.deliver_one("t-2", first.anomaly_id)
    assert len(scene.slack.calls_to("chat.update")) == 1


async def test_a_card_whose_account_is_gone_is_given_up(scene: Scene) -> None:
    anomaly = await scene.alert()
    await scene.world.store.accounts._accounts.delete_many({})  # noqa: SLF001 - nothing removes accounts yet
    await scene.sender.deliver_due()
    assert (await scene.delivery(anomaly)).state is DeliveryState.DEAD


async def test_what_is_for_the_digest_never_makes_a_card(scene: Scene) -> None:
    """Launches that failed are told in the digest: they cost nothing."""
    world = scene.world
    await world.change_account(mode=GovernanceMode.AUDIT)
    tried = [{**world.launch(ago=n * MINUTE), "errorCode": "Client.VcpuLimitExceeded"} for n in (9, 6, 3)]
    await world.ingest(*({**one, "responseElements": None} for one in tried))
    [finding] = await world.anomalies()
    assert finding.decision.kind is DecisionKind.DIGEST
    assert await scene.later() == 0
    assert scene.cards() == []
    assert await world.store.outbox.find_delivery(TENANT, finding.anomaly_id) is None

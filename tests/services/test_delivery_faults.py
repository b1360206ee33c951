"""Slack, the database or the sender fails: exactly one card with the history scope, at least one without it."""

import asyncio
import json
from typing import Any

import pytest

from blocks.status import status
from clients.slack.notifier import SlackNotifier
from demo.slack_workspace import SlackWorkspace
from engine.errors import Unavailable
from engine.models.delivery import DeliveryState
from services.retrying import LEASE_SECONDS
from tests.services.scene import Scene, words
from tests.services.world import HOUR, TENANT, World

FAILURES: list[dict[str, Any]] = [{"status": 500}, {"status": 503}, {"error": "internal_error"}, {}]


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("failure", FAILURES, ids=str)
async def test_in_doubt_the_history_decides(scene: Scene, failure: dict[str, Any], after_effect: bool) -> None:
    """With the scope there is exactly one card, whether Slack had taken the first one or not."""
    scene.slack.grant_history()
    anomaly = await scene.alert()
    scene.slack.fail_next("chat.postMessage", after_effect=after_effect, **failure)
    await scene.sender.deliver_due()
    assert (await scene.delivery(anomaly)).state is DeliveryState.UNCERTAIN
    await scene.later()
    [card] = scene.cards()
    delivery = await scene.delivery(anomaly)
    assert (delivery.state, delivery.message_ts) == (DeliveryState.SENT, card.message_ts)
    assert "may repeat" not in words(card)


async def test_without_the_scope_it_is_posted_once_more_and_says_so(scene: Scene) -> None:
    scene.slack.grant_history(False)
    await scene.alert()
    scene.slack.fail_next("chat.postMessage", status=500, after_effect=True)
    await scene.sender.deliver_due()
    await scene.later()
    first, second = scene.cards()
    assert "may repeat" not in words(first)
    assert "may repeat" in words(second)
    assert await scene.later() == 0


async def test_doubt_lasts_while_slack_is_away(scene: Scene) -> None:
    """Looking fails too: that is no answer, so nothing is posted on the strength of it."""
    scene.slack.grant_history()
    anomaly = await scene.alert()
    scene.slack.fail_next("chat.postMessage", status=500, after_effect=True)
    scene.slack.fail_next("conversations.history", status=503, times=3)
    await scene.sender.deliver_due()
    for _ in range(3):
        await scene.later()
        assert (await scene.delivery(anomaly)).state is DeliveryState.UNCERTAIN
    await scene.later()
    assert len(scene.cards()) == 1
    assert (await scene.delivery(anomaly)).state is DeliveryState.SENT


async def test_doubt_outlasts_a_limit_on_looking(scene: Scene) -> None:
    scene.slack.grant_history()
    anomaly = await scene.alert()
    scene.slack.fail_next("chat.postMessage", status=500, after_effect=True)
    scene.slack.fail_next("conversations.history", retry_after=60)
    await scene.sender.deliver_due()
    await scene.later()
    assert (await scene.delivery(anomaly)).state is DeliveryState.UNCERTAIN
    await scene.later()
    assert len(scene.cards()) == 1


async def break_and_mend(scene: Scene, fault: str) -> Any:
    slack, channel = scene.slack, scene.channel
    if fault == "token_revoked":
        slack.revoke_token()
        return lambda: setattr(slack._api.credentials, "refusal", None)  # noqa: SLF001 - no workspace gives one back
    if fault == "is_archived":
        slack.archive_channel(channel.channel_id)
        return lambda: setattr(channel, "is_archived", False)
    if fault == "not_in_channel":
        slack.state.scopes.discard("chat:write.public")
        slack.remove_bot(channel.channel_id)
        return lambda: slack.invite_bot(channel.channel_id)
    channel.is_private = True
    slack.remove_bot(channel.channel_id)
    return lambda: slack.invite_bot(channel.channel_id)


@pytest.mark.parametrize("fault", ["channel_not_found", "not_in_channel", "is_archived", "token_revoked"])
async def test_a_fault_that_people_can_mend_is_named_and_waited_for(scene: Scene, fault: str) -> None:
    anomaly = await scene.alert()
    mend = await break_and_mend(scene, fault)
    for _ in range(3):
        await scene.later()
    [stuck] = await scene.world.store.outbox.find_stuck(TENANT, scene.world.clock())
    assert (stuck.state, stuck.attempts) == (DeliveryState.PENDING, 3)
    assert fault in stuck.error
    shown = json.dumps(status(await scene.world.reports.status(TENANT)).blocks)
    assert "did not get through" in shown
    assert fault in shown
    mend()
    await scene.later()
    assert len(scene.cards()) == 1
    assert await scene.world.store.outbox.find_stuck(TENANT, scene.world.clock()) == []
    assert (await scene.delivery(anomaly)).error == ""


async def test_another_alert_channel_mends_it_too(scene: Scene) -> None:
    await scene.use_channel("C0NOWHERE")
    await scene.alert()
    await scene.later()
    await scene.use_channel(scene.channel.channel_id)
    await scene.later()
    assert len(scene.cards()) == 1


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long"])
async def test_a_card_that_slack_will_never_take_is_given_up_and_logged(
    scene: Scene, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    anomaly = await scene.alert()
    scene.slack.fail_next("chat.postMessage", error=error)
    await scene.sender.deliver_due()
    assert (await scene.delivery(anomaly)).state is DeliveryState.DEAD
    assert f"card {anomaly.anomaly_id} was refused by Slack" in caplog.text
    assert await scene.later() == 0
    assert [one.error for one in await scene.world.store.outbox.find_stuck(TENANT, scene.world.clock())] == [
        f"Posting a card to {scene.channel.channel_id}: Slack says {error}."
    ]
    await scene.world.store.outbox.requeue_dead(TENANT, scene.world.clock())
    await scene.later()
    assert len(scene.cards()) == 1


@pytest.mark.integration
async def test_ten_senders_post_one_card(real_world: World, slack: SlackWorkspace) -> None:
    scene = Scene(real_world, slack)
    await scene.use_channel(scene.channel.channel_id)
    for number in range(3):
        await scene.alert(number)
        scene.world.turn(3 * HOUR)
    await asyncio.gather(*(scene.new_sender().deliver_due() for _ in range(10)))
    assert len(scene.cards()) == 3
    assert len(slack.calls_to("chat.postMessage")) == 3


class DyingOutbox:
    """The outbox of a sender that dies after Slack took the card."""

    def __init__(self, outbox: Any) -> None:
        self._outbox = outbox

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)

    async def save_delivery(self, *_args: object) -> None:
        raise Unavailable("The sender dies here.")


@pytest.mark.parametrize(("scope", "cards"), [(True, 1), (False, 2)])
async def test_a_sender_that_dies_after_the_post(scene: Scene, scope: bool, cards: int) -> None:
    scene.slack.grant_history(scope)
    anomaly = await scene.alert()
    with pytest.raises(Unavailable):
        await scene.new_sender(DyingOutbox(scene.world.store.outbox)).deliver_due()
    assert (await scene.delivery(anomaly)).state is DeliveryState.SENDING
    assert await scene.later(LEASE_SECONDS - 1) == 0
    assert await scene.later(2) == 1
    assert len(scene.cards()) == cards
    assert ("may repeat" in words(scene.cards()[-1])) is (cards > 1)


async def test_a_bug_in_one_card_holds_up_no_other_and_is_named(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = await scene.alert()
    scene.world.turn(3 * HOUR)
    await scene.alert(1)
    draw = SlackNotifier.post_card

    async def broken(self: SlackNotifier, *args: Any, **named: Any) -> Any:
        if args[2].anomaly_id == first.anomaly_id:
            raise ValueError("a bug")
        return await draw(self, *args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(SlackNotifier, "post_card", broken)
        assert await scene.sender.deliver_due() == 2
    assert len(scene.cards()) == 1
    assert f"card {first.anomaly_id} could not be delivered" in caplog.text
    [stuck] = await scene.world.store.outbox.find_stuck(TENANT, scene.world.clock())
    assert (stuck.anomaly_id, stuck.error) == (first.anomaly_id, "An error in dd0c/cost (ValueError), see its log.")
    await scene.later()
    assert len(scene.cards()) == 2


async def test_the_database_goes_away_between_claim_and_post(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_args: object) -> None:
        raise Unavailable("MongoDB did not answer.")

    scene.slack.grant_history()
    await scene.alert()
    with monkeypatch.context() as patched:
        patched.setattr(scene.world.store.anomalies, "find_anomaly", away)
        with pytest.raises(Unavailable):
            await scene.sender.deliver_due()
    await scene.later(LEASE_SECONDS + 1)
    assert len(scene.cards()) == 1

"""Clicks on cards, as Slack sends them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from demo.slack_workspace.models import Message
from engine.models.account import Tenant
from engine.models.anomaly import AnomalyStatus
from tests.handlers.conftest import Office
from tests.services.world import HOUR, MINUTE, TENANT, stranger


def words(message: Message) -> str:
    return json.dumps(message.blocks)


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        ("mark_expected", AnomalyStatus.EXPECTED, "marked this expected"),
        ("not_expected", AnomalyStatus.UNEXPECTED, "called this not expected"),
        ("acknowledge", AnomalyStatus.ACKNOWLEDGED, "acknowledged this"),
    ],
)
async def test_the_card_is_repainted_right_after_a_click(
    office: Office, action: str, status: AnomalyStatus, said: str
) -> None:
    anomaly = await office.alert()
    interaction = await office.click(office.ann, action)
    assert interaction.ack.status == 200
    await office.until(lambda: said in words(office.card()))
    assert f"<@{office.ann.user_id}>" in words(office.card())
    assert (await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)).status is status
    assert interaction.posts == []
    assert len(office.slack.messages(office.channel)) == 1


async def test_it_is_repainted_before_a_backlog(office: Office) -> None:
    """Twelve cards wait for their turn; the one that somebody looks at does not wait for them."""
    await office.alert()
    card = office.card()
    for number in range(12):
        office.world.turn(3 * HOUR)
        await office.world.ingest(office.world.launch(actor=stranger(number)))
    assert len(await office.world.anomalies()) == 13
    office.world.turn(MINUTE)
    await office.slack.click(office.ann.user_id, office.channel, card.message_ts, "anomaly.acknowledge")
    await office.until(lambda: "acknowledged this" in words(card))
    assert len(office.slack.messages(office.channel)) == 1


async def test_snooze_from_the_menu(office: Office) -> None:
    anomaly = await office.alert()
    await office.snooze(office.ann, "4h")
    await office.until(lambda: "snoozed this" in words(office.card()))
    stored = await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert stored.snoozed_until == office.world.clock() + 4 * HOUR
    await office.click(office.bob, "undo")
    await office.until(lambda: "snoozed this" not in words(office.card()))


async def test_the_second_click_is_told_who_was_first(office: Office) -> None:
    """Bob's screen still shows the button that Ann has just pressed."""
    await office.alert()
    buttons = office.card().blocks
    await office.click(office.ann, "mark_expected")
    await office.until(lambda: "marked this expected" in words(office.card()))
    edits = len(office.slack.calls_to("chat.update"))
    office.card().blocks = buttons
    interaction = await office.click(office.bob, "mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert answer["text"].startswith(f"Nothing changed: <@{office.ann.user_id}> marked this expected")
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
    assert len(office.slack.calls_to("chat.update")) == edits
    assert [message.visible_to for message in office.slack.ephemerals(office.bob.user_id)] == [office.bob.user_id]


async def test_expected_and_not_expected_at_once_are_one(office: Office) -> None:
    anomaly = await office.alert()
    await asyncio.gather(office.click(office.ann, "not_expected"), office.click(office.bob, "mark_expected"))
    both = (office.ann.user_id, office.bob.user_id)
    await office.until(lambda: any(office.slack.ephemerals(one) for one in both))
    assert len(await office.world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)) == 1
    [told] = [message for one in both for message in office.slack.ephemerals(one)]
    assert told.text.startswith("Nothing changed: ")


async def test_five_clicks_at_once_are_one(office: Office) -> None:
    anomaly = await office.alert()
    await asyncio.gather(*(office.click(office.ann, "mark_expected") for _ in range(5)))
    await office.until(lambda: len(office.slack.ephemerals(office.ann.user_id)) == 4)
    assert len(await office.world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)) == 1


async def test_somebody_of_another_workspace_may_not_answer(office: Office) -> None:
    """In a channel shared by Slack Connect the card is seen by others, too."""
    anomaly = await office.alert()
    office.bob.team_id = "T0STRANGER"
    interaction = await office.click(office.bob, "mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert "belongs to another workspace" in answer["text"]
    assert answer["response_type"] == "ephemeral"
    assert await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


async def test_another_tenants_card_is_not_there(office: Office) -> None:
    anomaly = await office.alert()
    store = office.world.store
    theirs = Tenant(tenant_id=TENANT, team_id="T-OTHER", team_name="b", alert_channel_id="C")
    await store.tenants.save_tenant(theirs)
    ours = Tenant(tenant_id="t-2", team_id=office.slack.team_id, team_name="a", alert_channel_id=office.channel)
    await store.tenants.save_tenant(ours)
    interaction = await office.click(office.ann, "mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert "There is no anomaly" in answer["text"]
    assert await store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


@pytest.mark.parametrize(
    "broken",
    [
        {"block_id": "x", "value": ""},
        {"block_id": "anomaly:", "value": ""},
        {"value": "no-such-anomaly"},
        {"value": "$where"},
        {"value": "x" * 2000},
    ],
)
async def test_a_button_that_names_no_anomaly_of_ours(office: Office, broken: dict[str, Any]) -> None:
    await office.alert()
    [actions] = [block for block in office.card().blocks if block["type"] == "actions"]
    button = next(one for one in actions["elements"] if one["action_id"] == "anomaly.acknowledge")
    button["value"] = broken["value"]
    actions["block_id"] = broken.get("block_id", actions["block_id"])
    interaction = await office.click(office.ann, "acknowledge")
    [answer] = await interaction.wait_for_posts()
    assert "There is no anomaly" in answer["text"] or "older kind" in answer["text"]


async def test_a_snooze_that_the_menu_does_not_offer(office: Office) -> None:
    anomaly = await office.alert()
    [actions] = [block for block in office.card().blocks if block["type"] == "actions"]
    menu = next(one for one in actions["elements"] if one["action_id"] == "anomaly.snooze")
    menu["options"][0]["value"] = "100y"
    card = office.card()
    interaction = await office.slack.select(
        office.ann.user_id, office.channel, card.message_ts, "anomaly.snooze", "100y"
    )
    [answer] = await interaction.wait_for_posts()
    assert "Choose one of the times" in answer["text"]
    assert await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


@pytest.mark.parametrize(
    "repository", ["system.find_tenant_by_team", "anomalies.find_anomaly", "anomalies.record_verdicts"]
)
async def test_with_the_database_away_the_click_is_acked_and_answered(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    unavailable: Callable[..., Awaitable[None]],
    repository: str,
) -> None:
    await office.alert()
    name, method = repository.split(".")
    monkeypatch.setattr(getattr(office.world.store, name), method, unavailable)
    interaction = await office.click(office.ann, "mark_expected")
    assert (interaction.ack.status, interaction.error) == (200, None)
    [answer] = await interaction.wait_for_posts()
    assert "did not answer. Please try again" in answer["text"]
    assert answer["response_type"] == "ephemeral"


async def test_the_ack_does_not_wait_for_a_slow_database(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.alert()
    gate, find = asyncio.Event(), office.world.store.anomalies.find_anomaly

    async def slow(*args: str) -> Any:
        await gate.wait()
        return await find(*args)

    monkeypatch.setattr(office.world.store.anomalies, "find_anomaly", slow)
    interaction = await office.click(office.ann, "acknowledge")
    assert interaction.ack.status == 200
    assert "acknowledged" not in words(office.card())
    gate.set()
    await office.until(lambda: "acknowledged this" in words(office.card()))


async def test_a_repaint_that_fails_comes_later(office: Office) -> None:
    await office.alert()
    office.slack.fail_next("chat.update", status=500)
    interaction = await office.click(office.ann, "acknowledge")
    await office.until(lambda: len(office.slack.calls_to("chat.update")) == 1)
    assert interaction.posts == []
    assert "acknowledged this" not in words(office.card())
    office.world.turn(MINUTE)
    assert await office.sender.deliver_due() == 1
    assert "acknowledged this" in words(office.card())


async def test_the_same_launch_stays_silent_after_mark_expected(office: Office) -> None:
    await office.alert()
    await office.click(office.ann, "mark_expected")
    await office.until(lambda: "marked this expected" in words(office.card()))
    await office.world.settle()
    office.world.turn(24 * HOUR)
    await office.world.ingest(office.world.launch())
    assert await office.sender.deliver_due() == 0
    assert len(await office.world.anomalies()) == 1


async def copied_card(office: Office) -> tuple[Message, Message]:
    """The first post went unanswered, so that there are two cards; gives the copy and the one that is kept true."""
    office.slack.grant_history(False)
    office.slack.fail_next("chat.postMessage", status=500, after_effect=True)
    await office.alert()
    office.world.turn(MINUTE)
    await office.sender.deliver_due()
    copy, kept = office.slack.messages(office.channel)
    return copy, kept


async def test_a_click_on_the_copy_of_a_card_repaints_both(office: Office) -> None:
    copy, kept = await copied_card(office)
    await office.slack.click(office.ann.user_id, office.channel, copy.message_ts, "anomaly.mark_expected")
    await office.until(lambda: all("marked this expected" in words(card) for card in (copy, kept)))
    assert "anomaly.acknowledge" not in words(copy)


async def test_who_comes_second_on_the_copy_is_told_and_shown(office: Office) -> None:
    copy, kept = await copied_card(office)
    await office.slack.click(office.ann.user_id, office.channel, kept.message_ts, "anomaly.mark_expected")
    await office.until(lambda: "marked this expected" in words(kept))
    assert "marked this expected" not in words(copy)
    interaction = await office.slack.click(office.bob.user_id, office.channel, copy.message_ts, "anomaly.mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert answer["text"].startswith("Nothing changed: ")
    assert "marked this expected" in words(copy)


async def test_a_copy_that_cannot_be_repainted_does_not_undo_the_click(office: Office) -> None:
    copy, kept = await copied_card(office)
    held = office.slack.hold_next("chat.update")
    interaction = await office.slack.click(office.ann.user_id, office.channel, copy.message_ts, "anomaly.acknowledge")
    await asyncio.wait_for(held.arrived.wait(), 20.0)
    office.slack.state.remove_message(copy)
    held.released.set()
    await office.until(lambda: len(office.slack.calls_to("chat.update")) == 2)
    assert "acknowledged this" in words(kept)
    assert interaction.posts == []


async def test_a_card_of_an_account_that_left_loses_its_buttons_when_clicked(office: Office) -> None:
    anomaly = await office.alert()
    await office.departures.disconnect(TENANT, office.ann.user_id, [anomaly.account_id] * 2)
    await office.departures.purge(TENANT, anomaly.account_id)
    interaction = await office.click(office.ann, "mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert "was disconnected" in answer["text"]
    assert "actions" not in [block["type"] for block in office.card().blocks]
    assert "can no longer be answered" in json.dumps(office.card().blocks)

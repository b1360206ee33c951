"""Slack opens a modal for three seconds after a click: who was late is told to click once more, and that is all."""

import pytest

from tests.handlers.conftest import Office

MENU = ["expected", "ask", "details"]
SETTINGS = [("route", "routes.open"), ("tickets", "tickets.connect:github")]


def opened(office: Office) -> list[str]:
    return [call.method for call in office.slack.calls if call.method.startswith("views.")]


@pytest.mark.parametrize("entry", MENU)
async def test_of_a_cards_menu(office: Office, entry: str) -> None:
    await office.alert()
    before = office.card().blocks
    office.slack.fail_next("views.open", error="expired_trigger_id")
    chosen = await office.slack.select(
        office.ann.user_id, office.channel, office.card().message_ts, "anomaly.more", entry
    )
    [said] = await chosen.wait_for_posts()
    assert "once more" in said["text"]
    assert opened(office) == ["views.open"]
    assert office.card().blocks == before


@pytest.mark.parametrize(("setting", "action"), SETTINGS)
async def test_of_the_settings_buttons(office: Office, setting: str, action: str) -> None:
    await office.type(f"/dd0c settings {setting}")
    answer = office.slack.ephemerals(office.ann.user_id)[-1]
    office.slack.fail_next("views.open", error="expired_trigger_id")
    pressed = await office.slack.click(office.ann.user_id, office.channel, answer.message_ts, action)
    [said] = await pressed.wait_for_posts()
    assert "once more" in said["text"]
    assert opened(office) == ["views.open"]


async def test_of_the_snooze_menu(office: Office) -> None:
    await office.alert()
    before = office.card().blocks
    office.slack.fail_next("views.open", error="expired_trigger_id")
    card = office.card()
    chosen = await office.slack.select(office.ann.user_id, office.channel, card.message_ts, "anomaly.snooze", "4h")
    [said] = await chosen.wait_for_posts()
    assert "Choose Snooze once more" in said["text"]
    assert opened(office) == ["views.open"]
    assert office.card().blocks == before

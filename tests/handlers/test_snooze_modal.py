"""*Snooze* on a card: what it would have hidden is said before anybody snoozes."""

import json

from demo.slack_workspace.models import View
from engine.models.anomaly import AnomalyStatus
from tests.handlers.conftest import Office
from tests.services.world import HOUR, TENANT


async def opened(office: Office, chosen: str = "4h") -> View:
    await office.slack.select(office.ann.user_id, office.channel, office.card().message_ts, "anomaly.snooze", chosen)
    await office.until(lambda: office.slack.modal(office.ann.user_id) is not None)
    view = office.slack.modal(office.ann.user_id)
    assert view is not None
    return view


def words(view: View) -> str:
    return json.dumps(view.payload, ensure_ascii=False)


async def status(office: Office, anomaly_id: str) -> AnomalyStatus:
    return (await office.world.store.anomalies.find_anomaly(TENANT, anomaly_id)).status


async def test_what_it_would_have_hidden_is_said_before(office: Office) -> None:
    first = await office.alert()
    await office.world.verdicts.not_expected(TENANT, first.anomaly_id, "U1")
    office.world.turn(10 * HOUR)
    await office.world.ingest(office.world.launch(7))
    await office.sender.deliver_due()
    [second] = [one for one in await office.world.anomalies() if one.anomaly_id != first.anomaly_id]
    asked = words(await opened(office))
    assert "starting m5.large stays silent for 4 hours." in asked
    assert "In the last 30 days that would have hidden 1 other alert, $60.00 burnt." in asked
    assert await status(office, second.anomaly_id) is AnomalyStatus.OPEN


async def test_nothing_would_have_been_hidden(office: Office) -> None:
    await office.alert()
    assert "would have hidden no other alert" in words(await opened(office))


async def test_cancel_changes_nothing(office: Office) -> None:
    anomaly = await office.alert()
    view = await opened(office)
    await office.slack.close_view(office.ann.user_id, view.view_id)
    assert await status(office, anomaly.anomaly_id) is AnomalyStatus.OPEN
    assert len(office.slack.calls_to("chat.update")) == 0


async def test_who_submits_second_is_told_who_was_first(office: Office) -> None:
    anomaly = await office.alert()
    view = await opened(office)
    await office.click(office.bob, "mark_expected")
    await office.until(lambda: "marked this expected" in json.dumps(office.card().blocks))
    await office.slack.submit_view(office.ann.user_id, view.view_id)
    await office.until(lambda: bool(office.slack.ephemerals(office.ann.user_id)))
    [said] = office.slack.ephemerals(office.ann.user_id)
    assert said.text.startswith(f"Nothing changed: <@{office.bob.user_id}> marked this expected")
    assert await status(office, anomaly.anomaly_id) is AnomalyStatus.EXPECTED


async def test_an_old_card_opens_no_form(office: Office) -> None:
    await office.alert()
    card = office.card()
    old = card.blocks
    await office.click(office.bob, "mark_expected")
    await office.until(lambda: "marked this expected" in json.dumps(card.blocks))
    card.blocks = old
    chosen = await office.slack.select(office.ann.user_id, office.channel, card.message_ts, "anomaly.snooze", "4h")
    [said] = await chosen.wait_for_posts()
    assert said["text"].startswith("Nothing changed: ")
    assert office.slack.calls_to("views.open") == []

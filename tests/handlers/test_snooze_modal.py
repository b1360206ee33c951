"""*Snooze* on a card: what it would have hidden is said before anybody snoozes."""

import asyncio
import json
from typing import Any

import pytest

from demo.slack_workspace.models import View
from engine.errors import Unavailable
from engine.models.anomaly import Anomaly, AnomalyStatus
from handlers.slack import opening
from tests.handlers.conftest import Office
from tests.services.world import HOUR, TENANT


async def opened(office: Office, chosen: str = "4h") -> View:
    await office.slack.select(office.ann.user_id, office.channel, office.card().message_ts, "anomaly.snooze", chosen)
    await office.shown(lambda: office.slack.modal(office.ann.user_id) is not None)
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


@pytest.fixture
def slow_database(office: Office, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """What a snooze would have hidden is known once this is set, and Slack's three seconds are over before."""
    is_there = asyncio.Event()
    look = office.world.findings.hidden_by_snooze

    async def look_slowly(tenant_id: str, anomaly: Anomaly) -> Any:
        await is_there.wait()
        return await look(tenant_id, anomaly)

    monkeypatch.setattr(office.world.findings, "hidden_by_snooze", look_slowly)
    monkeypatch.setattr(opening, "PATIENCE_SECONDS", 0.05)
    return is_there


async def test_with_a_slow_database_it_opens_at_once_and_is_filled_later(
    office: Office, slow_database: asyncio.Event
) -> None:
    await office.alert()
    view = await opened(office)
    assert "One moment" in words(view)
    slow_database.set()
    await office.until(lambda: "would have hidden no other alert" in json.dumps(view_of(office).payload))
    await office.slack.submit_view(office.ann.user_id, view_of(office).view_id)
    await office.until(lambda: "snoozed this" in json.dumps(office.card().blocks))


async def test_what_fails_after_it_opened_is_said_in_it(
    office: Office, slow_database: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> Any:
        await slow_database.wait()
        raise Unavailable("away")

    monkeypatch.setattr(office.world.findings, "hidden_by_snooze", fail)
    await office.alert()
    await opened(office)
    slow_database.set()
    await office.until(lambda: "did not answer. Please try again." in json.dumps(view_of(office).payload))


def view_of(office: Office) -> View:
    view = office.slack.modal(office.ann.user_id)
    assert view is not None
    return view

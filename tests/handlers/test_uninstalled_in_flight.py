"""The app is uninstalled while it is at work: nothing fails, nothing is said to nobody, nothing is left."""

import asyncio
import logging
from typing import Any

import pytest

from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, TENANT


async def uninstall(office: Office) -> None:
    """Slack tells both events, and everything of the tenant is deleted."""
    assert all(delivery.delivered for delivery in await office.slack.uninstall())
    await office.departures.purge(TENANT, ACCOUNT)
    await office.departures.enqueue_purges()


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def test_between_a_commands_ack_and_its_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    status = office.world.reports.status

    async def slowly(tenant_id: str) -> Any:
        begun.set()
        await go_on.wait()
        try:
            return await status(tenant_id)
        finally:
            done.set()

    monkeypatch.setattr(office.world.reports, "status", slowly)
    typed = await office.slack.run_command(office.ann.user_id, office.channel, "/dd0c status")
    assert typed.ack.status == 200
    await begun.wait()
    await uninstall(office)
    go_on.set()
    await asyncio.wait_for(done.wait(), 20.0)
    [said] = await typed.wait_for_posts()
    assert "error in dd0c" not in said["text"]
    assert faults(caplog) == []


async def test_while_a_card_is_being_posted(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    await office.world.ingest(office.world.launch(6))
    hold = office.slack.hold_next("chat.postMessage")
    sending = asyncio.create_task(office.sender.deliver_due())
    await asyncio.wait_for(hold.arrived.wait(), 20.0)
    await uninstall(office)
    hold.released.set()
    await sending
    calls = len(office.slack.calls)
    assert await office.sender.deliver_due() == 0
    assert len(office.slack.calls) == calls
    assert await office.world.store.leaving.delete_some(TENANT, ACCOUNT, 500) == 0
    assert faults(caplog) == []


async def test_cards_that_wait_are_not_tried_any_more(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The data goes within hours; until then nobody talks to a Slack that does not know us any more."""
    await office.world.ingest(office.world.launch(6))
    assert all(delivery.delivered for delivery in await office.slack.uninstall())
    calls = len(office.slack.calls)
    await office.sender.deliver_due()
    assert len(office.slack.calls) == calls
    assert faults(caplog) == []


async def test_a_click_after_it_changes_nothing(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    await office.alert()
    await uninstall(office)
    clicked = await office.click(office.ann, "mark_expected")
    [said] = await clicked.wait_for_posts()
    assert "not set up" in said["text"]
    assert faults(caplog) == []

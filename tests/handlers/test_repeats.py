"""Slack delivers again what it thinks was not heard: it is answered once, and never not at all."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from engine.models.anomaly import AnomalyStatus
from services.repeats import Repeats
from tests.handlers.conftest import Office

NOWHERE = "http://127.0.0.1:1"


async def settled(office: Office) -> None:
    """Let a command that comes later be answered: whatever came before it has been worked on by then."""
    await office.type("/dd0c help")


async def repeated(office: Office) -> None:
    """Deliver the last request twice more at the same moment; Slack hears that each was taken."""
    acks = await asyncio.gather(office.slack.deliver_again(1), office.slack.deliver_again(2))
    assert [ack.status for ack in acks] == [200, 200]


async def test_a_command_is_answered_once_however_often_it_comes(office: Office) -> None:
    typed = await office.slack.run_command(office.ann.user_id, office.channel, "/dd0c status")
    await repeated(office)
    await settled(office)
    assert len(await typed.wait_for_posts()) == 1


async def test_three_deliveries_at_the_same_moment_are_one(office: Office) -> None:
    office.slack.connect_app(NOWHERE)
    typed = await office.slack.run_command(office.ann.user_id, office.channel, "/dd0c status")
    office.slack.connect_app(office.url)
    await asyncio.gather(*(office.slack.deliver_again(number) for number in (1, 2, 3)))
    await settled(office)
    assert len(await typed.wait_for_posts()) == 1


async def test_the_same_command_typed_twice_is_answered_twice(office: Office) -> None:
    assert await office.type("/dd0c status")
    assert await office.type("/dd0c status")


async def test_a_command_whose_first_delivery_was_lost_is_answered(office: Office) -> None:
    office.slack.connect_app(NOWHERE)
    typed = await office.slack.run_command(office.ann.user_id, office.channel, "/dd0c help")
    assert typed.ack.status == 0
    office.slack.connect_app(office.url)
    assert (await office.slack.deliver_again(1)).status == 200
    [answer] = await typed.wait_for_posts()
    assert "/dd0c status" in json.dumps(answer)


async def test_a_command_is_answered_where_nobody_knows_whether_it_was_before(
    office: Office, unavailable: Callable[..., Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.world.store.seen, "claim_all", unavailable)
    assert await office.type("/dd0c help")


async def test_a_database_that_hangs_holds_no_answer_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_given: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(office.world.store.seen, "claim_all", hangs)
    repeats = Repeats(office.world.store.seen, office.world.clock, patience_seconds=0.01)
    assert not await repeats.is_repeated("1.2.3")


async def test_a_click_that_comes_again_says_nothing_changed_to_nobody(office: Office) -> None:
    await office.alert()
    clicked = await office.click(office.ann, "acknowledge")
    await office.until(lambda: "acknowledged this" in str(office.card().blocks))
    await repeated(office)
    await settled(office)
    assert clicked.posts == []
    [anomaly] = await office.world.anomalies()
    assert anomaly.status is AnomalyStatus.ACKNOWLEDGED


async def test_a_menu_that_comes_again_opens_no_second_modal_and_no_error(office: Office) -> None:
    await office.alert()
    chosen = await office.slack.select(
        office.ann.user_id, office.channel, office.card().message_ts, "anomaly.more", "details"
    )
    await office.until(lambda: "CloudTrail records" in modal_of(office))
    await repeated(office)
    await settled(office)
    assert chosen.posts == []
    assert [call.method for call in office.slack.calls].count("views.open") == 1


def modal_of(office: Office) -> str:
    modal = office.slack.modal(office.ann.user_id)
    return str(modal.payload) if modal else ""


async def test_a_form_that_comes_again_is_recorded_once(office: Office) -> None:
    await office.alert()
    await office.slack.select(office.ann.user_id, office.channel, office.card().message_ts, "anomaly.more", "expected")
    await office.until(lambda: bool(modal_of(office)))
    modal: Any = office.slack.modal(office.ann.user_id)
    await office.slack.submit_view(office.ann.user_id, modal.view_id, {})
    await office.until(lambda: "marked this expected" in str(office.card().blocks))
    await repeated(office)
    await settled(office)
    assert not [one for one in office.slack.ephemerals(office.ann.user_id) if "Nothing changed" in one.text]


async def test_a_home_that_is_opened_twice_is_published_once(office: Office) -> None:
    await office.slack.open_home(office.ann.user_id)
    await repeated(office)
    await settled(office)
    assert [call.method for call in office.slack.calls].count("views.publish") == 1

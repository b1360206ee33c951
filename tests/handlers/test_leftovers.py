"""Cards and questions of an AWS account that was disconnected."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from engine.models.account import AccountStatus
from engine.models.anomaly import AnomalyStatus
from tests.handlers.conftest import Office
from tests.handlers.test_asking import SCOPES, answer, ask_bob, direct
from tests.services.world import ACCOUNT, TENANT

CLICKS = ["mark_expected", "not_expected", "acknowledge"]
ENTRIES = ["expected", "ask", "ticket"]
GONE = "its AWS account was disconnected"


async def disconnecting(office: Office) -> None:
    await office.departures.disconnect(TENANT, office.ann.user_id, [ACCOUNT, ACCOUNT])


async def gone(office: Office) -> None:
    await disconnecting(office)
    await office.departures.purge(TENANT, ACCOUNT)


@pytest.fixture(params=[disconnecting, gone])
def leave(request: pytest.FixtureRequest) -> Callable[[Office], Awaitable[None]]:
    chosen: Callable[[Office], Awaitable[None]] = request.param
    return chosen


def is_retired(office: Office) -> bool:
    blocks = office.card().blocks
    return "actions" not in [block["type"] for block in blocks] and "can no longer be answered" in json.dumps(blocks)


async def choose(office: Office, entry: str) -> Any:
    card = office.card()
    return await office.slack.select(office.ann.user_id, office.channel, card.message_ts, "anomaly.more", entry)


def modal_text(office: Office) -> str:
    modal = office.slack.modal(office.ann.user_id)
    return str(modal.payload) if modal else ""


@pytest.mark.parametrize("action", CLICKS)
async def test_no_verdict_is_taken_any_more(office: Office, leave: Any, action: str) -> None:
    await office.alert()
    await leave(office)
    clicked = await office.click(office.ann, action)
    [said] = await clicked.wait_for_posts()
    assert GONE in said["text"]
    assert is_retired(office)
    assert all(one.status is AnomalyStatus.OPEN for one in await office.world.anomalies())


@pytest.mark.parametrize("entry", ENTRIES)
async def test_no_entry_of_the_menu_opens_any_more(office: Office, leave: Any, entry: str) -> None:
    await office.alert()
    await leave(office)
    chosen = await choose(office, entry)
    [said] = await chosen.wait_for_posts()
    assert GONE in said["text"]
    assert is_retired(office)
    assert modal_text(office) == ""


async def test_details_say_so_in_the_modal_that_is_open_already(office: Office, leave: Any) -> None:
    await office.alert()
    await leave(office)
    await choose(office, "details")
    await office.until(lambda: GONE in modal_text(office))
    assert is_retired(office)


async def test_a_form_that_was_open_meanwhile_records_nothing(office: Office, leave: Any) -> None:
    await office.alert()
    await choose(office, "expected")
    await office.until(lambda: bool(modal_text(office)))
    await leave(office)
    modal: Any = office.slack.modal(office.ann.user_id)
    await office.slack.submit_view(office.ann.user_id, modal.view_id, {})
    await office.until(lambda: GONE in str([one.text for one in office.slack.ephemerals(office.ann.user_id)]))
    assert all(one.status is AnomalyStatus.OPEN for one in await office.world.anomalies())


async def test_a_question_loses_its_buttons(office: Office, leave: Any) -> None:
    office.slack.set_scopes(SCOPES)
    question = await ask_bob(office)
    await leave(office)
    clicked = await answer(office, office.bob, question, "ask.mine")
    [said] = await clicked.wait_for_posts()
    assert GONE in said["text"]
    assert "actions" not in [block["type"] for block in direct(office, office.bob)[-1].blocks]


async def test_what_is_unknown_is_not_called_disconnected_where_nothing_ever_was(office: Office) -> None:
    anomaly = await office.alert()
    await office.world.store.leaving.delete_some(TENANT, ACCOUNT, 500)
    clicked = await office.click(office.ann, "mark_expected")
    [said] = await clicked.wait_for_posts()
    assert anomaly.anomaly_id in said["text"]
    assert "disconnected" not in said["text"]
    assert not is_retired(office)


async def test_an_account_that_only_cannot_be_read_is_answered_as_ever(office: Office) -> None:
    await office.alert()
    await office.world.change_account(status=AccountStatus.DENIED)
    await office.click(office.ann, "acknowledge")
    await office.until(lambda: "acknowledged this" in str(office.card().blocks))

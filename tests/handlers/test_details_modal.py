"""*Show details* on a card, as Slack sends it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View as SdkView

from blocks.details_modal import details_modal
from demo.slack_workspace.models import User
from engine.examples import launch
from engine.models.cost_event import Actor, ActorKind, Change
from engine.models.search import Explanation
from tests.blocks.samples import LONG_NAMES, NAMES, incident
from tests.handlers.conftest import Office
from tests.services.world import TENANT


async def choose(office: Office, user: User) -> Any:
    return await office.slack.select(user.user_id, office.channel, office.card().message_ts, "anomaly.more", "details")


def shown(office: Office, user: User) -> str:
    modal = office.slack.modal(user.user_id)
    return "" if modal is None else str(modal.payload)


async def test_details_tell_facts_signals_history_and_records(office: Office) -> None:
    anomaly = await office.alert()
    await office.click(office.bob, "acknowledge")
    await office.until(lambda: "acknowledged this" in str(office.card().blocks))
    await choose(office, office.ann)
    await office.until(lambda: "CloudTrail records" in shown(office, office.ann))
    text = shown(office, office.ann)
    for said in (anomaly.event_ids[0], "RunInstances", "192.0.2.9", "acknowledged it", anomaly.signals[0].name):
        assert said in text
    assert "/h (AWS list price)" in text
    assert [call.method for call in office.slack.calls if call.method.startswith("views.")] == [
        "views.open",
        "views.update",
    ]


async def test_details_change_nothing_and_open_as_often_as_one_likes(office: Office) -> None:
    anomaly = await office.alert()
    for user in (office.ann, office.ann, office.bob):
        await choose(office, user)
        await office.until(lambda who=user: "CloudTrail records" in shown(office, who))  # type: ignore[misc] # a default
    assert await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


async def test_a_card_that_was_judged_still_has_its_details(office: Office) -> None:
    await office.alert()
    await office.click(office.ann, "mark_expected")
    await office.until(lambda: "marked this expected" in str(office.card().blocks))
    await choose(office, office.bob)
    await office.until(lambda: "marked it expected" in shown(office, office.bob))


async def test_somebody_of_another_workspace_sees_nothing(office: Office) -> None:
    await office.alert()
    office.bob.team_id = "T0STRANGER"
    await choose(office, office.bob)
    await office.until(lambda: "another workspace" in shown(office, office.bob))
    assert "RunInstances" not in shown(office, office.bob)


async def test_the_modal_opens_before_the_database_answers(
    office: Office, monkeypatch: pytest.MonkeyPatch, unavailable: Any
) -> None:
    await office.alert()
    monkeypatch.setattr(office.world.store.anomalies, "find_verdicts", unavailable)
    await choose(office, office.ann)
    await office.until(lambda: "Please try again" in shown(office, office.ann))


async def test_a_modal_slack_does_not_open_is_said(office: Office) -> None:
    await office.alert()
    office.slack.fail_next("views.open", error="expired_trigger_id")
    [answer] = await (await choose(office, office.ann)).wait_for_posts()
    assert "Choose Show details once more" in answer["text"]


async def test_a_modal_that_was_closed_meanwhile_stops_nothing(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.alert()
    office.slack.fail_next("views.update", error="not_found")
    await choose(office, office.ann)
    await office.until(lambda: bool(office.slack.calls_to("views.update")))
    assert "Traceback" not in caplog.text


@given(NAMES | LONG_NAMES, st.sampled_from(Change), st.none() | st.floats(0, 1e9), st.integers(0, 40))
def test_any_details_are_a_view_slack_takes(name: str, change: Change, cost: float | None, count: int) -> None:
    actor = Actor(name, ActorKind.PERSON, name)
    ids = tuple(f"{name}-{number}" for number in range(count))
    record = launch(actor=actor, change=change, hourly_cost=cost, resource_ids=ids, resource_type=name, source_ip=name)
    told = Explanation(anomaly=incident(actor=actor), account_name=name)
    view = details_modal(told, [record] * 12)
    assert SdkView(**view).to_dict()["title"]["text"] == "Details"
    assert len(view["blocks"]) <= 100
    assert len(str(view)) < 40_000

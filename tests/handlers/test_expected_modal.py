"""*Expected...* on a card, from the menu to the verdict, as Slack sends it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View as SdkView

from blocks.expected_modal import expected_modal
from demo.slack_workspace.models import User
from engine.models.anomaly import AnomalyStatus
from engine.models.cost_event import Actor, ActorKind
from handlers.slack.expected_modal import parse_terms
from tests.blocks.samples import LONG_NAMES, NAMES, incident
from tests.handlers.conftest import Office
from tests.services.world import ACCOUNT, HOUR, TENANT, stranger

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def opened(office: Office, user: User) -> Any:
    """Open the form on the newest card."""
    card = office.card()
    await office.slack.select(user.user_id, office.channel, card.message_ts, "anomaly.more", "expected")
    await office.until(lambda: office.slack.modal(user.user_id) is not None)
    return office.slack.modal(user.user_id)


async def submitted(office: Office, user: User, **values: Any) -> Any:
    view = await opened(office, user)
    return await office.slack.submit_view(user.user_id, view.view_id, values)


def told(office: Office, user: User) -> str:
    return " ".join(message.text for message in office.slack.ephemerals(user.user_id))


def marked(office: Office) -> bool:
    return "marked this expected" in str(office.card().blocks)


async def only_expectation(office: Office) -> Any:
    loaded = await office.world.store.ledger.load_state(TENANT, ACCOUNT, [], office.world.clock())
    [expectation] = loaded.state.expectations
    return expectation


async def test_what_mark_expected_would_take_is_filled_in(office: Office) -> None:
    anomaly = await office.alert()
    assert (await submitted(office, office.ann)).errors == {}
    await office.until(lambda: marked(office))
    expectation = await only_expectation(office)
    assert (expectation.actor_key, expectation.max_hourly_cost, expectation.until) == (anomaly.actor.key, 9.0, None)
    assert office.slack.modal(office.ann.user_id) is None
    assert told(office, office.ann) == ""


async def test_anybody_may_start_them_until_a_day(office: Office) -> None:
    await office.alert()
    day = (office.world.clock() + timedelta(days=2)).date()
    await submitted(office, office.ann, who="anybody", limit="7.5", until=day.isoformat())
    await office.until(lambda: marked(office))
    await office.world.settle()
    for actor, count, cards in ((1, 7, 1), (2, 8, 2)):
        office.world.turn(3 * HOUR)
        await office.world.ingest(office.world.launch(count, actor=stranger(actor)))
        assert len(await office.world.anomalies()) == cards
    office.world.turn(3 * 24 * HOUR)
    await office.world.ingest(office.world.launch(7, actor=stranger(3)))
    assert len(await office.world.anomalies()) == 3


async def test_a_total_holds_all_that_runs_against_the_limit(office: Office) -> None:
    """Six of the incident run: two more fit into eight, a third is told."""
    await office.alert()
    await submitted(office, office.ann, who="anybody", counted="total", quantity="8", limit="")
    await office.until(lambda: marked(office))
    await office.world.settle()
    expectation = await only_expectation(office)
    assert (expectation.all_running, expectation.max_quantity, expectation.max_hourly_cost) == (True, 8, None)
    office.world.turn(3 * HOUR)
    more = office.world.launch(2, actor=stranger(1))
    await office.world.ingest(more)
    await office.world.ingest(more, office.world.launch(6, actor=stranger(2)))
    assert len(await office.world.anomalies()) == 2
    await office.world.ingest(office.world.terminate(more), office.world.launch(2, "c5.large", actor=stranger(3)))
    office.world.turn(3 * HOUR)
    await office.world.ingest(office.world.launch(9, actor=stranger(4)))
    assert len(await office.world.anomalies()) == 3


async def test_undo_takes_the_terms_back(office: Office) -> None:
    await office.alert()
    before = await office.world.baseline()
    await submitted(office, office.ann, who="anybody")
    await office.until(lambda: marked(office))
    await office.world.settle()
    await office.click(office.bob, "undo")
    await office.until(lambda: not marked(office))
    await office.world.settle()
    assert await office.world.baseline() == before
    loaded = await office.world.store.ledger.load_state(TENANT, ACCOUNT, [], office.world.clock())
    assert list(loaded.state.expectations) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1e9"}, "limit"),
        ({"limit": "nan"}, "limit"),
        ({"limit": "much"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"counted": "total", "limit": ""}, "limit"),
        ({"counted": "total", "quantity": "0"}, "quantity"),
        ({"counted": "total", "quantity": "1.5"}, "quantity"),
        ({"quantity": "8"}, "quantity"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "2099-01-01"}, "until"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(office: Office, values: dict[str, str], field: str) -> None:
    anomaly = await office.alert()
    assert set((await submitted(office, office.ann, **values)).errors) == {field}
    assert await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


async def test_who_submits_second_is_told_so(office: Office) -> None:
    anomaly = await office.alert()
    anns, bobs = await opened(office, office.ann), await opened(office, office.bob)
    await office.slack.submit_view(office.ann.user_id, anns.view_id, {})
    await office.until(lambda: marked(office))
    await office.slack.submit_view(office.bob.user_id, bobs.view_id, {"who": "anybody"})
    await office.until(lambda: "Nothing changed" in told(office, office.bob))
    stored = await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert (stored.status, stored.status_by) == (AnomalyStatus.EXPECTED, office.ann.user_id)


async def test_an_old_card_opens_no_form(office: Office) -> None:
    await office.alert()
    buttons = office.card().blocks
    await office.click(office.ann, "mark_expected")
    await office.until(lambda: marked(office))
    office.card().blocks = buttons
    card = office.card()
    interaction = await office.slack.select(
        office.bob.user_id, office.channel, card.message_ts, "anomaly.more", "expected"
    )
    [answer] = await interaction.wait_for_posts()
    assert answer["text"].startswith("Nothing changed:")
    assert office.slack.modal(office.bob.user_id) is None


async def test_a_form_slack_does_not_open_is_said(office: Office) -> None:
    await office.alert()
    office.slack.fail_next("views.open", error="expired_trigger_id")
    card = office.card()
    interaction = await office.slack.select(
        office.ann.user_id, office.channel, card.message_ts, "anomaly.more", "expected"
    )
    [answer] = await interaction.wait_for_posts()
    assert "Choose Expected... once more" in answer["text"]


async def test_somebody_of_another_workspace_may_not_fill_it_in(office: Office) -> None:
    anomaly = await office.alert()
    view = await opened(office, office.bob)
    office.bob.team_id = "T0STRANGER"
    await office.slack.submit_view(office.bob.user_id, view.view_id, {})
    await office.until(lambda: "another workspace" in told(office, office.bob))
    assert await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


async def test_with_the_database_away_the_form_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch, unavailable: Any
) -> None:
    await office.alert()
    view = await opened(office, office.ann)
    monkeypatch.setattr(office.world.store.anomalies, "record_verdicts", unavailable)
    interaction = await office.slack.submit_view(office.ann.user_id, view.view_id, {})
    assert interaction.ack.status == 200
    await office.until(lambda: "Please try again" in told(office, office.ann))


async def test_an_answer_that_cannot_be_given_stops_nothing(office: Office) -> None:
    """The bot was taken out of the channel while somebody filled in the form."""
    anomaly = await office.alert()
    anns, bobs = await opened(office, office.ann), await opened(office, office.bob)
    await office.slack.submit_view(office.ann.user_id, anns.view_id, {})
    await office.until(lambda: marked(office))
    office.slack.fail_next("chat.postEphemeral", error="not_in_channel")
    interaction = await office.slack.submit_view(office.bob.user_id, bobs.view_id, {})
    assert (interaction.ack.status, interaction.error) == (200, None)
    await office.until(lambda: bool(office.slack.calls_to("chat.postEphemeral")))
    assert len(await office.world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)) == 1


@given(NAMES | LONG_NAMES, st.floats(0, 1e9), st.booleans())
def test_any_form_is_one_slack_takes(name: str, hourly_cost: float, unknown: bool) -> None:
    actor = Actor(name, ActorKind.PERSON, name)
    anomaly = incident(hourly_cost=hourly_cost, unknown_price=unknown, actor=actor)
    view = expected_modal(anomaly, NOW, "C1")
    assert SdkView(**view).to_dict()["callback_id"] == "anomaly.expected"
    assert len(str(view)) < 10_000


@given(
    st.recursive(
        st.none()
        | st.text(max_size=9)
        | st.integers()
        | st.sampled_from(["0", "-1", "nan", "inf", "1e9", "4.5", "\u0664"]),
        lambda it: st.dictionaries(st.text(max_size=3), it, max_size=2),
        max_leaves=3,
    )
)
def test_whatever_the_limit_says_terms_are_finite_or_missing(said: Any) -> None:
    terms, errors = parse_terms({"limit": {"limit": {"value": said}}}, NOW)
    assert (terms is None) == bool(errors)
    assert terms is None or 0 < (terms.max_hourly_cost or 0.0) <= 100_000

"""Where cards go, as a list and as a form."""

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View as SdkView

from blocks.card import Card
from blocks.form_modal import loading_form, said_form
from blocks.routes import CALLBACK, TITLE, routes, routes_form
from blocks.welcome import first_line, lost_channel
from engine.models.anomaly import Severity
from engine.models.routing import Route, RouteRow, RoutesReport
from tests.blocks.rules import problems
from tests.blocks.samples import LONG_NAMES, NAMES

IDS = st.sampled_from(["C012AB", "G012AB", "<!channel>"])
ROUTES = st.builds(
    Route,
    channel_id=IDS,
    account_id=st.sampled_from(["", "111122223333"]),
    severity=st.one_of(st.none(), st.sampled_from(Severity)),
)
ROWS = st.builds(RouteRow, route=ROUTES, account_name=st.one_of(NAMES, LONG_NAMES), is_lost=st.booleans())
REPORTS = st.builds(
    RoutesReport,
    alert_channel_id=st.one_of(st.just(""), st.just("C012AB")),
    installer_user_id=st.sampled_from(["", "U012AB"]),
    alert_budget=st.integers(0, 1000),
    rows=st.tuples(st.lists(ROWS, max_size=3), st.sampled_from([1, 40])).map(lambda drawn: tuple(drawn[0] * drawn[1])),
    accounts=st.tuples(st.lists(st.tuples(st.just("111122223333"), NAMES), max_size=3), st.sampled_from([1, 40])).map(
        lambda drawn: tuple(drawn[0] * drawn[1])
    ),
    is_default_lost=st.booleans(),
    changed=st.one_of(st.none(), ROWS),
    removed=st.one_of(st.none(), ROWS),
)


@given(REPORTS)
def test_slack_takes_both_whatever_is_in_them(report: RoutesReport) -> None:
    assert problems(routes(report)) == []
    form = routes_form(report, "C012AB")
    assert SdkView(**form).to_dict()["callback_id"] == CALLBACK
    sections = [block for block in form["blocks"] if block["type"] == "section"]
    assert problems(Card("form", sections)) == []
    assert len(form["blocks"]) <= 100
    [accounts] = [block["element"] for block in form["blocks"] if block["block_id"] == "account"]
    assert len(accounts["options"]) <= 100
    assert all(len(one["text"]["text"]) <= 75 for one in accounts["options"])


def test_what_stands_there_meanwhile_is_a_form_too() -> None:
    for form in (loading_form(TITLE), said_form("It did not work.", TITLE)):
        assert SdkView(**form).to_dict()["blocks"]


@given(ROWS, st.text(max_size=50))
def test_slack_takes_what_is_said_about_a_route(row: RouteRow, reason: str) -> None:
    assert problems(first_line("U012AB", row)) == []
    assert problems(lost_channel("C012AB", reason, instead="C012CD", is_routed=True)) == []


def test_a_lost_route_is_changed_where_routes_are_and_not_by_the_select_of_all_cards() -> None:
    card = lost_channel("C1", "is_archived", instead="C2", is_routed=True)
    assert "its cards go to <#C2>" in card.text
    assert "/dd0c settings route" in card.text
    assert "accessory" not in str(card.blocks)

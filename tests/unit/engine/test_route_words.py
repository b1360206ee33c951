"""The words behind ``/dd0c settings route`` and ``budget``, and which route a card takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.command_line.route import RouteWords, parse_budget, parse_route
from engine.errors import InvalidCommand
from engine.models.account import Tenant
from engine.models.anomaly import Severity
from engine.models.routing import Route
from engine.routing import channel_of

CHANNEL = "<#C012ABCDE|costs>"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["prod", CHANNEL], RouteWords("prod", None, "C012ABCDE")),
        (["critical", CHANNEL], RouteWords("", Severity.CRITICAL, "C012ABCDE")),
        (["WARNING", "<#G012AB>"], RouteWords("", Severity.WARNING, "G012AB")),
        (["prod", "critical", "C012ABCDEF"], RouteWords("prod", Severity.CRITICAL, "C012ABCDEF")),
        (["critical", "acme lab", "off"], RouteWords("acme lab", Severity.CRITICAL, "")),
        (["default", CHANNEL], RouteWords("", None, "C012ABCDE")),
    ],
)
def test_what_people_type(words: list[str], meant: RouteWords) -> None:
    assert parse_route(words) == meant


def test_an_account_that_is_named_like_a_severity_can_be_meant() -> None:
    assert parse_route(["critical", CHANNEL], "critical") == RouteWords("critical", Severity.CRITICAL, "C012ABCDE")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "Say `/dd0c settings route"),
        ([CHANNEL], "Which cards?"),
        (["off"], "Which cards?"),
        (["default", "off"], "only changed"),
        (["default", "critical", CHANNEL], "stands alone"),
        (["a", "b", CHANNEL], "one account"),
        (["critical", "warning", CHANNEL], "one severity"),
        (["prod", "#costs"], "choose it from the list"),
        (["prod", "of"], "Did you mean `off`"),
        (["prod", "<@U012AB>"], "is no channel"),
    ],
)
def test_what_is_not_understood_is_said(words: list[str], hint: str) -> None:
    with pytest.raises(InvalidCommand, match=hint):
        parse_route(words)


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from(["critical", "default", "off", CHANNEL])), max_size=5))
def test_anything_is_a_route_or_an_error(words: list[str]) -> None:
    try:
        route = parse_route(words)
    except InvalidCommand:
        return
    assert route.channel_id[:1] in {"", "C", "G"}
    assert not route.is_default or route.channel_id


@given(st.lists(st.one_of(st.text(max_size=6), st.integers(-5, 2000).map(str)), max_size=2))
def test_a_budget_is_a_number_that_makes_sense(words: list[str]) -> None:
    try:
        budget = parse_budget(words, 1000, 20)
    except InvalidCommand:
        return
    assert 0 <= budget <= 1000


ACCOUNTS = st.sampled_from(["111122223333", "222233334444"])
SEVERITIES = st.sampled_from([Severity.WARNING, Severity.CRITICAL])
CASES = st.builds(
    Route,
    channel_id=st.sampled_from(["C1", "C2", "C3"]),
    account_id=st.one_of(st.just(""), ACCOUNTS),
    severity=st.one_of(st.none(), SEVERITIES),
)
ROUTES = st.lists(CASES.filter(lambda one: one.case != ("", None)), unique_by=lambda one: one.case)


@given(ROUTES, ACCOUNTS, SEVERITIES, st.sampled_from(["", "C0"]))
def test_the_route_that_says_most_takes_the_card(
    routes: list[Route], account_id: str, severity: Severity, default: str
) -> None:
    tenant = Tenant(
        tenant_id="t",
        team_id="T",
        team_name="a",
        alert_channel_id=default,
        installer_user_id="U1",
        routes=tuple(routes),
    )
    fits = [one for one in routes if one.account_id in ("", account_id) and one.severity in (None, severity)]
    weights = {(True, True): 3, (True, False): 2, (False, True): 1}
    best = max(fits, key=lambda one: weights[bool(one.account_id), one.severity is not None], default=None)
    assert channel_of(tenant, account_id, severity) == (best.channel_id if best else default or "U1")

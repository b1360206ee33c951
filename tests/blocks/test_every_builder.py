"""Every function in ``blocks`` that makes a message or a view, over whatever its arguments' types allow.

Builders are found, not listed: a new one is covered on the day it is written, or fails here.
"""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import blocks
from blocks.anomaly_card import anomaly_card
from blocks.anomaly_list import anomaly_list
from blocks.card import Block, Card, section
from blocks.help import COMMANDS
from blocks.text import escape
from engine.models.chart import Bar, Chart
from engine.models.connection import AccountSetup
from engine.models.home import HomeReport
from engine.models.quiet import Declared
from engine.models.report import AnomalyList, DigestReport
from engine.models.roles import RoleReport
from engine.models.routing import RoutesReport
from engine.models.spend_report import SpendReport
from tests.blocks.anything import anything
from tests.blocks.rules import problems, schema_problems, view_problems
from tests.blocks.samples import MOMENTS, NAMES, anomalies

Builder = Callable[..., Any]
Charted = TypeVar("Charted", DigestReport, SpendReport)
# Parts, which appear only within what other modules make; those are tested here.
PARTS = {"blocks.card", "blocks.chart", "blocks.anomaly_actions", "blocks.command_buttons"}


def with_chart(report: Charted, bars: int, is_pictured: bool) -> Charted:
    """A report as it is made: its chart's labels are short and differ, its picture is somewhere or nowhere."""
    chart = Chart(title="Burnt by anomalies", by="day", bars=tuple(Bar(f"{n}", 1e300 * n) for n in range(bars)))
    url = "https://bot.example/v1/charts/x.png" if is_pictured else ""
    return msgspec.structs.replace(report, chart=chart if bars else None, picture_url=url)


def with_real_roles(report: RoleReport) -> RoleReport:
    """Whose role was changed has one."""
    return msgspec.structs.replace(report, changed=next(iter(report.roles), ""))


def with_few_documents(setup: AccountSetup) -> AccountSetup:
    """The documents are our own, and few."""
    return msgspec.structs.replace(setup, policies=setup.policies[:1])


def with_account_numbers(report: RoutesReport) -> RoutesReport:
    """Accounts have numbers and the channel an id of Slack's; any number of accounts is there."""
    accounts = tuple((f"{number:012}", name) for number, (_, name) in enumerate(report.accounts * 3))
    return msgspec.structs.replace(report, accounts=accounts, alert_channel_id="C012AB")


def with_a_channel(view: HomeReport, channel_id: str) -> HomeReport:
    """The channel that cards go to is one that Slack named, or none."""
    tenant = msgspec.structs.replace(view.tenant, alert_channel_id=channel_id)
    return msgspec.structs.replace(view, tenant=tenant)


CHANNEL_IDS = st.sampled_from(["", "C012AB"])
ESCAPED = NAMES.filter(str.strip).map(lambda text: escape(text, 3000))
CARDS = st.builds(anomaly_list, anything(AnomalyList)) | st.builds(
    anomaly_card, anomalies(), account_name=NAMES, now=MOMENTS, may_repeat=st.booleans()
)
PART = ESCAPED.map(lambda text: section("part", text))
# Arguments of which not every value of their type can be given.
ARGUMENTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "blocks.help.help_on": {"word": st.sampled_from(sorted(COMMANDS))},
    "blocks.welcome.welcome": {"channel_id": CHANNEL_IDS},
    "blocks.home.home": {"view": st.builds(with_a_channel, anything(HomeReport), CHANNEL_IDS)},
    "blocks.form_modal.said_form": {"text": ESCAPED, "title": st.just("Details")},
    "blocks.form_modal.loading_form": {"title": st.just("Details")},
    "blocks.form_modal.modal": {"title": st.just("Details"), "blocks": PART.map(lambda part: [part])},
    "blocks.routes.routes_form": {
        "report": anything(RoutesReport).map(with_account_numbers),
        "channel_id": st.just("C012AB"),
    },
    "blocks.quiet.pattern_section": {"block_id": st.just("row")},
    "blocks.welcome.with_channel_select": {"block": PART, "channel_id": CHANNEL_IDS},
    "blocks.retired_card.retired_card": {"text": ESCAPED, "blocks": CARDS.map(lambda card: card.blocks)},
    "blocks.answer_modal.answer_modal": {"card": CARDS},
    "blocks.plan.plan": {"url": st.sampled_from(["", "https://pay.example/c/1"])},
    "blocks.roles.roles": {"report": anything(RoleReport).map(with_real_roles)},
    "blocks.connect.setup": {"report": anything(AccountSetup).map(with_few_documents)},
    "blocks.digest.digest": {
        "report": st.builds(with_chart, anything(DigestReport), st.integers(0, 20), st.booleans())
    },
    "blocks.spend.spend": {"report": st.builds(with_chart, anything(SpendReport), st.integers(0, 20), st.booleans())},
    "blocks.quiet.declared": {"said": anything(Declared).filter(lambda said: said.expectation.resource_types)},
}
VIEWS = {"modal", "home"}


def builders() -> Iterator[Builder]:
    for module in pkgutil.iter_modules(blocks.__path__, "blocks."):
        if module.name not in PARTS:
            yield from _builders_in(module.name)


def _builders_in(name: str) -> Iterator[Builder]:
    for function in vars(importlib.import_module(name)).values():
        is_ours = inspect.isfunction(function) and function.__module__ == name
        if is_ours and function.__name__[0] != "_" and typing.get_type_hints(function)["return"] in (Card, Block):
            yield function


def name_of(builder: Builder) -> str:
    return f"{builder.__module__}.{builder.__name__}"


def wrong_with(made: Card | Block) -> list[str]:
    if isinstance(made, Card):
        return [*problems(made), *(one for each in (made.blocks, *made.plainer) for one in schema_problems(each))]
    # A part of several messages is judged as a message of nothing else.
    return view_problems(made) if made["type"] in VIEWS else problems(Card("A part", [made]))


@pytest.mark.parametrize("builder", list(builders()), ids=name_of)
@settings(max_examples=12, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_slack_takes_whatever_it_makes(builder: Builder, data: st.DataObject) -> None:
    hints = typing.get_type_hints(builder)
    known = ARGUMENTS.get(name_of(builder), {})
    given_values = {
        name: data.draw(known[name] if name in known else anything(hints[name]), name)
        for name in inspect.signature(builder).parameters
    }
    assert wrong_with(builder(**given_values)) == []


def test_all_that_people_see_is_found() -> None:
    found = {name_of(builder) for builder in builders()}
    assert {"blocks.anomaly_card.anomaly_card", "blocks.digest.digest", "blocks.expected_modal.expected_modal"} <= found
    assert len(found) > 20


def test_parts_are_in_modules_that_exist() -> None:
    assert {module.name for module in pkgutil.iter_modules(blocks.__path__, "blocks.")} >= PARTS

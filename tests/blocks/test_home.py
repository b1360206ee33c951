"""The App Home: Slack takes it whatever it shows, and nobody is offered what they may not."""

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View

from blocks.card import Block, Card
from blocks.help import COMMANDS
from blocks.home import home
from engine.examples import MONDAY
from engine.models.account import AccountStatus, GovernanceMode, OperatorPanic, Role, Tenant
from engine.models.home import HomeAnomaly, HomeReport
from engine.models.quiet import QuietPattern
from engine.models.report import AccountHealth, StatusReport
from tests.blocks.reports import ROW, many
from tests.blocks.rules import MOST_CHARACTERS, TEXT_LIMITS, problems, texts, units
from tests.blocks.samples import LEAKED_KEY, LONG_NAMES, MOMENTS, NAMES, START, anomalies, swollen
from tests.blocks.test_answers import COUNTS, DELIVERIES, HEALTHS, ROWS

MOST_BLOCKS = 100
MOST_IN_A_VIEW = 250_000  # Bytes of JSON.
TENANT = Tenant(
    tenant_id="t",
    team_id="T",
    team_name="acme",
    alert_channel_id="C1",
    installer_user_id="U1",
    roles={"U2": Role.ADMIN, "U3": Role.VIEWER},
)
WATCHED = AccountHealth(
    account_id="111122223333",
    name="prod",
    status=AccountStatus.ACTIVE,
    mode=GovernanceMode.AUDIT,
    history_days=90,
    events_seen=500,
    regions_watched=17,
    last_record_time=START,
    running_hourly_cost=12.5,
)
PATTERN = QuietPattern(
    pattern_id="abcd1234",
    is_snooze=True,
    account_name="prod",
    actor_key="ci",
    resource_types=("m5.large",),
    created_by="U2",
    until=START,
)
VIEW = HomeReport(
    tenant=TENANT,
    role=Role.ADMIN,
    status=StatusReport(accounts=(WATCHED,), as_of=START),
    anomalies=(HomeAnomaly(ROW, LEAKED_KEY, "https://acme.slack.com/archives/C1/p1"),),
    open_count=1,
    quiet=(PATTERN,),
)


def seen(view: Block) -> str:
    """All texts, buttons included."""
    return "\n".join(text["text"] for _, text in texts(view["blocks"]))


def elements(view: Block) -> list[dict[str, Any]]:
    """Everything that can be clicked."""
    return [
        one
        for block in view["blocks"]
        for one in [*(block.get("elements", []) if block["type"] == "actions" else []), block.get("accessory")]
        if one
    ]


def view_problems(view: Block) -> list[str]:
    """What Slack or a reader would mind."""
    assert View(**view).to_dict()
    blocks = [{**block, "block_id": block.get("block_id", "")} for block in view["blocks"]]
    # A view has other limits of blocks and characters than a message.
    found = [
        one for one in problems(Card("Home", blocks)) if not re.fullmatch(r"\d+ blocks|too many characters.*", one)
    ]
    if len(blocks) > MOST_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if len(msgspec.json.encode(view)) > MOST_IN_A_VIEW:
        found.append("too long")
    return found


def test_all_that_matters_is_there() -> None:
    text = seen(home(VIEW))
    for part in (
        "1 AWS account, none in trouble; 1 open anomaly",
        "$12.50/h",
        "<#C1>",
        "<@U1>, <@U2>",
        "newest record",
    ):
        assert part in text
    assert "<https://acme.slack.com/archives/C1/p1|card>" in text
    assert "paused" not in text


def test_slack_takes_a_usual_home() -> None:
    """Links are what messages never have, so the rules for texts do not know them."""
    unlinked = (HomeAnomaly(ROW, LEAKED_KEY),)
    assert view_problems(home(msgspec.structs.replace(VIEW, anomalies=unlinked))) == []


def test_every_command_is_a_button() -> None:
    labels = {one["value"] for one in elements(home(VIEW)) if one["action_id"].startswith("command.run:")}
    words = {value.removeprefix("help ").split(" ")[0] for value in labels} | {"help"}
    assert set(COMMANDS) - {"resume"} <= words


def test_a_pause_is_said_first_with_the_way_out() -> None:
    tenant = msgspec.structs.replace(TENANT, panic_mode=True, paused_at=START, paused_by="U2")
    view = home(msgspec.structs.replace(VIEW, tenant=tenant))
    assert "Alerting is paused" in view["blocks"][0]["text"]["text"]
    assert view["blocks"][1]["elements"][0]["value"] == "resume"
    assert "pause" not in [one.get("value") for one in elements(view)]


@pytest.mark.parametrize("role", Role)
def test_nobody_is_offered_what_their_role_does_not_suffice_for(role: Role) -> None:
    tenant = msgspec.structs.replace(TENANT, panic_mode=True)
    offered = [one["action_id"] for one in elements(home(msgspec.structs.replace(VIEW, role=role)))]
    paused = [one["action_id"] for one in elements(home(msgspec.structs.replace(VIEW, role=role, tenant=tenant)))]
    assert ("anomaly.mark_expected" in offered) is (role is not Role.VIEWER)
    assert any(name.startswith("command.run:end-") for name in offered) is (role is not Role.VIEWER)
    assert ("command.run:resume" in paused) is (role is not Role.VIEWER)
    for name in ("command.run:pause", "welcome.choose_channel", "command.run:connect", "command.run:disconnect"):
        assert (name in offered) is (role is Role.ADMIN)


def test_a_banner_says_who_paused_it_for_everybody_and_offers_no_way_out() -> None:
    panic = OperatorPanic(since=MONDAY, by="Ann", why="<prices> are wrong")
    tenant = msgspec.structs.replace(TENANT, operator_panic=panic)
    shown = home(msgspec.structs.replace(VIEW, tenant=tenant))
    assert "paused for everybody by dd0c's operator*" in str(shown)
    assert "by Ann: &lt;prices&gt; are wrong. Everything is scored" in str(shown)
    assert "command.run:resume" not in [one["action_id"] for one in elements(shown)]


def test_pausing_is_asked_twice() -> None:
    [pause] = [one for one in elements(home(VIEW)) if one["action_id"] == "command.run:pause"]
    assert pause["confirm"]["confirm"]["text"] == "Pause alerting"


def test_a_thousand_accounts_are_counted_and_those_in_trouble_come_first() -> None:
    many_accounts = [msgspec.structs.replace(WATCHED, name=f"prod-{number:04}") for number in range(1000)]
    many_accounts[777] = msgspec.structs.replace(many_accounts[777], status=AccountStatus.DENIED)
    view = home(msgspec.structs.replace(VIEW, status=StatusReport(accounts=tuple(many_accounts), as_of=START)))
    assert "1,000 AWS accounts, *1 in trouble*" in seen(view)
    assert seen(view).index("prod-0777") < seen(view).index("prod-0000")
    assert "All 1,000 accounts" in seen(view)
    assert len(view["blocks"]) <= MOST_BLOCKS


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x|<!channel>", "https://x> <!here", "//x", " https://x"]
)
def test_an_address_that_is_none_makes_no_link(url: str) -> None:
    one = HomeAnomaly(ROW, LEAKED_KEY, url)
    assert "|card>" not in seen(home(msgspec.structs.replace(VIEW, anomalies=(one,))))


REPORTS = st.builds(
    HomeReport,
    tenant=st.builds(
        Tenant,
        tenant_id=NAMES,
        team_id=NAMES,
        team_name=NAMES,
        alert_channel_id=NAMES,
        panic_mode=st.booleans(),
        operator_panic=st.none() | st.builds(OperatorPanic, since=MOMENTS, by=NAMES, why=NAMES),
        installer_user_id=NAMES,
        lost_channel_ids=st.lists(NAMES, max_size=2).map(tuple),
        paused_at=st.none() | MOMENTS,
        paused_by=NAMES,
        roles=st.dictionaries(NAMES, st.sampled_from(Role), max_size=9),
    ),
    role=st.sampled_from(Role),
    status=st.builds(
        StatusReport,
        accounts=many(HEALTHS),
        deliveries=many(DELIVERIES),
        panic_mode=st.booleans(),
        as_of=MOMENTS,
    ),
    anomalies=st.lists(st.builds(HomeAnomaly, ROWS, anomalies()), max_size=2).flatmap(
        lambda drawn: st.sampled_from([1, 8]).map(
            lambda times: tuple(
                HomeAnomaly(one.row, msgspec.structs.replace(one.anomaly, anomaly_id=f"{number}-{copy}"))
                for copy in range(times)
                for number, one in enumerate(drawn)
            )
        )
    ),
    open_count=COUNTS,
    quiet=many(
        st.builds(
            QuietPattern,
            pattern_id=NAMES,
            is_snooze=st.booleans(),
            account_name=NAMES,
            actor_key=NAMES,
            resource_types=st.lists(NAMES, max_size=5).map(tuple),
            created_by=NAMES,
            until=st.none() | MOMENTS,
        )
    ),
    own_rules=COUNTS,
)


@settings(max_examples=40)
@given(REPORTS)
def test_slack_takes_any_home(report: HomeReport) -> None:
    assert view_problems(home(report)) == []


@settings(max_examples=10)
@given(LONG_NAMES)
def test_slack_takes_a_home_of_names_without_end(name: str) -> None:
    one = HomeAnomaly(swollen(ROW, name), msgspec.structs.replace(swollen(LEAKED_KEY, name), anomaly_id="7f3a"))
    quiet = (swollen(PATTERN, name),) * 20
    accounts = (swollen(WATCHED, name),) * 60
    status = StatusReport(accounts=accounts, as_of=START + timedelta(days=1))
    report = msgspec.structs.replace(VIEW, anomalies=(one,), quiet=quiet, status=status)
    assert view_problems(home(report)) == []
    assert all(units(text["text"]) <= TEXT_LIMITS[role] for role, text in texts(home(report)["blocks"]))
    assert units(seen(home(report))) < 2 * MOST_CHARACTERS

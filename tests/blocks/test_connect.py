"""The answers to ``/dd0c connect``."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.card import Card
from blocks.connect import connected, setup
from engine.customer_role import feature_policies, role_arn, trust_policy
from engine.models.connection import (
    AccountConnected,
    AccountSetup,
    Feature,
    FeatureCheck,
    FeaturePolicy,
    ProblemKind,
    RoleCheck,
    RoleProblem,
    RoleRefused,
)
from engine.role_problems import refused_region, trust_refused
from tests.blocks.rules import problems, reading
from tests.blocks.samples import LONG, LONG_NAMES, MOMENTS, NAMES, swollen

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
PRINCIPAL = "arn:aws:iam::999999999999:role/dd0c"
SETUP = AccountSetup(
    account_id=ACCOUNT,
    external_id="ext-42",
    principal_arn=PRINCIPAL,
    role_name="dd0c-cost-readonly",
    role_arn=role_arn(ACCOUNT),
    quick_create_url="https://console.example/#/review?templateURL=x&param_ExternalId=ext-42",
    trust_policy=trust_policy(PRINCIPAL, "ext-42"),
    policies=feature_policies(),
)
CHECK = RoleCheck(
    checked_at=NOW,
    usable=True,
    features=(
        FeatureCheck(feature=Feature.WATCH),
        FeatureCheck(feature=Feature.SPEND, missing=("ce:GetCostAndUsage",)),
    ),
    regions=("eu-west-1", "us-east-1"),
    problems=(refused_region("eu-west-1", "explicit deny in a service control policy"),),
    last_record_time=NOW - timedelta(minutes=3),
)
CONNECTED = AccountConnected(account_id=ACCOUNT, name="prod", role_arn=role_arn(ACCOUNT), learning=True, check=CHECK)
REFUSED = RoleRefused(
    account_id=ACCOUNT,
    role_arn=role_arn(ACCOUNT),
    check=RoleCheck(checked_at=NOW, usable=False, problems=(trust_refused(role_arn(ACCOUNT), PRINCIPAL, "ext-42"),)),
)


def accepted(card: Card) -> Card:
    assert problems(card) == []
    return card


def test_the_quick_way_is_a_link_and_a_button() -> None:
    card = accepted(setup(SETUP, by_hand=False))
    assert "<https://console.example/#/review?templateURL=x&param_ExternalId=ext-42|Open CloudFormation>" in reading(
        card
    )
    [row] = [block for block in card.blocks if block["type"] == "actions"]
    assert [one["value"] for one in row["elements"]] == [
        "connect arn:aws:iam::123456789012:role/dd0c-cost-readonly",
        "connect 123456789012 manual",
    ]


@pytest.mark.parametrize("url", ["", SETUP.quick_create_url])
def test_by_hand_everything_is_there_to_copy(url: str) -> None:
    card = accepted(setup(msgspec.structs.replace(SETUP, quick_create_url=url), by_hand=bool(url)))
    text = reading(card)
    assert f"External ID: `ext-42`\nOur principal: `{PRINCIPAL}`" in text
    for document in (SETUP.trust_policy, *(one.policy for one in SETUP.policies)):
        assert document in text.replace("``````", "\n")
    assert "`/dd0c connect arn:aws:iam::123456789012:role/dd0c-cost-readonly`" in text


def test_connected_says_what_is_watched_and_what_lacks() -> None:
    card = accepted(connected(CONNECTED))
    assert card.text == "Connected: prod (123456789012). Watching 2 Regions, last record 3 min ago."
    text = reading(card)
    assert "spend: the role may not do ce:GetCostAndUsage" in text
    assert "`cloudtrail:LookupEvents` is refused in eu-west-1" in text
    assert "The last 90 days are being read" in text
    assert "being read" not in reading(connected(msgspec.structs.replace(CONNECTED, learning=False)))


def test_refused_says_what_to_mend() -> None:
    text = reading(accepted(connected(REFUSED)))
    assert "cannot be assumed" in text
    assert "`ext-42`" in text
    assert "aws iam get-role --role-name dd0c-cost-readonly" in text


def _draw(report: Any) -> Card:
    return setup(report, by_hand=False) if isinstance(report, AccountSetup) else connected(report)


@pytest.mark.parametrize("name", LONG, ids=lambda name: f"{name[:3]} x {len(name)}")
@pytest.mark.parametrize("report", [CONNECTED, REFUSED, SETUP], ids=["connected", "refused", "setup"])
def test_slack_takes_very_long_names(report: Any, name: str) -> None:
    accepted(_draw(swollen(report, name)))


ANY = NAMES | LONG_NAMES
PROBLEMS = st.builds(RoleProblem, kind=st.sampled_from(ProblemKind), text=ANY, hint=ANY, action=NAMES, region=NAMES)
CHECKS = st.builds(
    RoleCheck,
    checked_at=MOMENTS,
    usable=st.booleans(),
    problems=st.lists(PROBLEMS, max_size=20).map(tuple),
    features=st.lists(
        st.builds(FeatureCheck, feature=st.sampled_from(Feature), missing=st.lists(NAMES, max_size=40).map(tuple)),
        max_size=5,
    ).map(tuple),
    regions=st.lists(NAMES, max_size=3).map(tuple),
    last_record_time=st.none() | MOMENTS,
)
POLICIES = st.builds(
    FeaturePolicy,
    feature=st.sampled_from(Feature),
    about=NAMES,
    optional=st.booleans(),
    policy=NAMES | st.sampled_from(['  "x": 1,\n' * 250, '  "x": 1,\n' * 900]),
)
REPORTS = st.one_of(
    st.builds(
        AccountSetup,
        account_id=NAMES,
        external_id=NAMES,
        principal_arn=NAMES,
        role_name=NAMES,
        role_arn=ANY,
        quick_create_url=st.just("") | st.just("https://x/y"),
        trust_policy=NAMES,
        policies=st.lists(POLICIES, max_size=4, unique_by=lambda one: one.feature).map(tuple),
    ),
    st.builds(AccountConnected, account_id=NAMES, name=ANY, role_arn=ANY, learning=st.booleans(), check=CHECKS),
    st.builds(RoleRefused, account_id=NAMES, role_arn=ANY, check=CHECKS),
)


@given(report=REPORTS)
@settings(max_examples=60)
def test_slack_takes_any_answer(report: Any) -> None:
    assert problems(_draw(report)) == []

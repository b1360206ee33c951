"""What is said of a plan, wherever a tenant stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.plan import beyond_plan, notice, plan
from engine.models.billing import Billing, Plan, PlanNotice, PlanReport, PlanTurn, Subscription
from tests.blocks.rules import problems
from tests.blocks.samples import MOMENTS, NAMES

SUBSCRIPTIONS = st.builds(
    Subscription,
    subscription_id=NAMES,
    item_id=NAMES,
    status=st.sampled_from(["active", "past_due", "canceled", "new"]),
    quantity=st.integers(0, 10**6),
    created_at=MOMENTS,
    ends_at=st.none() | MOMENTS,
)
REPORTS = st.builds(
    PlanReport,
    billed=st.booleans(),
    billing=st.builds(
        Billing,
        plan=st.sampled_from(Plan),
        subscription=st.none() | SUBSCRIPTIONS,
        grace_until=st.none() | MOMENTS,
    ),
    accounts=st.integers(0, 10**6),
    paused=st.integers(0, 10**6),
    limit=st.none() | st.just(1),
    pay_for=st.integers(1, 10**6),
)
NOTICES = st.builds(
    PlanNotice,
    turn=st.sampled_from(PlanTurn),
    account_ids=st.lists(NAMES, max_size=30).map(tuple),
    grace_until=st.none() | MOMENTS,
)


@given(REPORTS, NOTICES, NAMES)
@settings(max_examples=50)
def test_all_of_it_is_a_message_slack_takes(report: PlanReport, said: PlanNotice, why: str) -> None:
    for card in (
        plan(report),
        plan(report, "https://stripe.example/pay"),
        notice(said),
        beyond_plan(why),
        beyond_plan(why, "https://a.example/"),
    ):
        assert problems(card) == []


def test_a_plan_says_what_it_costs() -> None:
    report = PlanReport(billed=True, billing=Billing(plan=Plan.PRO), accounts=4, paused=0, limit=None, pay_for=3)
    assert "$57 a month for 3 watched accounts" in plan(report).text


def test_a_downgrade_says_that_nothing_is_deleted() -> None:
    assert "Nothing is deleted" in notice(PlanNotice(turn=PlanTurn.PAUSED, account_ids=("111122223333",))).text


def test_more_accounts_than_free_covers_are_not_called_so_many_of_it() -> None:
    few = PlanReport(billed=True, billing=Billing(), accounts=1, paused=0, limit=1, pay_for=1)
    many = PlanReport(billed=True, billing=Billing(), accounts=2, paused=1, limit=1, pay_for=1)
    assert "1 AWS account of 1." in plan(few).text
    assert "2 AWS accounts connected, and it covers 1." in plan(many).text

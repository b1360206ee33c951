"""What a plan allows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.entitlements import (
    GRACE,
    account_limit,
    accounts_once_paid,
    accounts_to_pause,
    accounts_to_pay_for,
    accounts_to_resume,
    after_reading,
    plan_of,
    price_fault,
)
from engine.models.account import AccountStatus, AwsAccount
from engine.models.billing import Billing, Plan, PriceTerms, Subscription

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def account(number: int, status: AccountStatus = AccountStatus.ACTIVE, *, paused: bool = False) -> AwsAccount:
    return AwsAccount(
        account_id=f"{number:012}",
        name=f"account {number}",
        status=status,
        external_id="x",
        role_arn="",
        regions=(),
        connected_at=NOW - (100 - number) * DAY,
        paused_at=NOW if paused else None,
    )


def subscription(status: str) -> Subscription:
    return Subscription(subscription_id="sub_1", item_id="si_1", status=status, quantity=1, created_at=NOW)


def ids(accounts: list[AwsAccount]) -> list[int]:
    return [int(one.account_id) for one in accounts]


@pytest.mark.parametrize(
    ("status", "plan"),
    [
        ("active", Plan.PRO),
        ("trialing", Plan.PRO),
        ("past_due", Plan.PRO),
        ("unpaid", Plan.FREE),
        ("canceled", Plan.FREE),
        ("incomplete", Plan.FREE),
        ("incomplete_expired", Plan.FREE),
        ("paused", Plan.FREE),
        ("something new of Stripe's", Plan.FREE),
    ],
)
def test_a_plan_follows_from_what_stripe_says(status: str, plan: Plan) -> None:
    assert plan_of(subscription(status)) is plan


def test_only_what_is_watched_is_paid_for() -> None:
    assert accounts_to_pay_for([]) == 1
    statuses = [*AccountStatus]
    assert accounts_to_pay_for([account(number, status) for number, status in enumerate(statuses)]) == 3
    assert accounts_to_pay_for([account(1), account(2, paused=True), account(3)]) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"coins": 2900}, "29.00 USD a month"),
        ({"currency": "eur"}, "19.00 EUR a month"),
        ({"interval_count": 3}, "19.00 USD every 3 months"),
        ({"interval": ""}, "no flat price"),
        ({"coins": None}, "no flat price"),
        ({"is_metered": True}, "no flat price"),
        ({"is_active": False}, "archived"),
    ],
)
def test_a_price_that_is_not_the_promised_one_is_told(changes: dict[str, Any], said: str) -> None:
    terms = PriceTerms(**{"coins": 1900, "currency": "usd", "interval": "month", **changes})
    assert (said in price_fault(terms), bool(price_fault(terms))) == (True, bool(changes))


def test_a_checkout_asks_for_what_will_be_watched_and_not_for_what_never_was() -> None:
    assert accounts_once_paid([]) == 1
    waiting, leaving = account(2, AccountStatus.PENDING), account(3, AccountStatus.DISCONNECTING)
    assert accounts_once_paid([account(1), waiting, leaving, account(4, paused=True)]) == 2


def test_a_downgrade_keeps_the_oldest_and_pauses_the_rest_after_the_grace() -> None:
    accounts = [account(3), account(1), account(2), account(0, AccountStatus.DISCONNECTING)]
    free = after_reading(Billing(plan=Plan.PRO), None, accounts, NOW)
    assert (free.plan, free.grace_until) == (Plan.FREE, NOW + GRACE)
    assert accounts_to_pause(free, accounts, NOW + GRACE - DAY) == []
    assert ids(accounts_to_pause(free, accounts, NOW + GRACE)) == [2, 3]
    assert accounts_to_resume(free, accounts) == []


def test_a_downgrade_keeps_what_is_watched_and_not_an_older_one_that_never_was() -> None:
    accounts = [account(1, AccountStatus.PENDING), account(2), account(3)]
    free = after_reading(Billing(plan=Plan.PRO), None, accounts, NOW)
    assert set(ids(accounts_to_pause(free, accounts, NOW + GRACE))) == {1, 3}


def test_an_older_one_that_gets_its_role_later_takes_nobody_s_place() -> None:
    accounts = [account(1, AccountStatus.LEARNING, paused=True), account(2), account(3, paused=True)]
    free = Billing(plan=Plan.FREE)
    assert accounts_to_pause(free, accounts, NOW) == accounts_to_resume(free, accounts) == []


def test_reading_the_same_again_gives_no_second_grace() -> None:
    accounts = [account(1), account(2)]
    free = after_reading(Billing(plan=Plan.PRO), None, accounts, NOW)
    assert after_reading(free, None, accounts, NOW + 5 * DAY).grace_until == free.grace_until


def test_a_grace_that_is_over_is_forgotten_and_leaves_the_rest_paused() -> None:
    accounts = [account(1), account(2)]
    free = after_reading(Billing(plan=Plan.PRO), None, accounts, NOW)
    over = after_reading(free, None, accounts, NOW + GRACE)
    assert over.grace_until is None
    assert ids(accounts_to_pause(over, accounts, NOW + GRACE)) == [2]
    assert after_reading(over, None, accounts, NOW + 2 * GRACE).grace_until is None


def test_one_account_needs_no_grace() -> None:
    assert after_reading(Billing(plan=Plan.PRO), None, [account(1)], NOW).grace_until is None


def test_an_upgrade_ends_the_grace_and_wakes_what_was_paused() -> None:
    accounts = [account(1), account(2, paused=True), account(3, AccountStatus.DISCONNECTING, paused=True)]
    free = Billing(plan=Plan.FREE, grace_until=NOW)
    pro = after_reading(free, subscription("active"), accounts, NOW)
    assert (pro.plan, pro.grace_until, account_limit(pro)) == (Plan.PRO, None, None)
    assert ids(accounts_to_resume(pro, accounts)) == [2]
    assert accounts_to_pause(pro, accounts, NOW) == []


def test_when_the_oldest_leaves_the_next_takes_its_place() -> None:
    free = Billing(plan=Plan.FREE)
    accounts = [account(1, AccountStatus.DISCONNECTING), account(2, paused=True), account(3, paused=True)]
    assert ids(accounts_to_resume(free, accounts)) == [2]


@given(
    st.lists(st.tuples(st.sampled_from(AccountStatus), st.booleans()), max_size=8),
    st.sampled_from([None, "active", "canceled"]),
    st.integers(0, 30),
)
def test_acting_once_leaves_nothing_to_do(
    drawn: list[tuple[AccountStatus, bool]], status: str | None, days: int
) -> None:
    """Whatever the accounts are: after pausing and resuming, nothing more is to be paused or resumed."""
    accounts = [account(number, status, paused=paused) for number, (status, paused) in enumerate(drawn)]
    read = None if status is None else subscription(status)
    billing = after_reading(Billing(plan=Plan.PRO), read, accounts, NOW)
    later = NOW + days * DAY
    pause = set(ids(accounts_to_pause(billing, accounts, later)))
    resume = set(ids(accounts_to_resume(billing, accounts)))
    assert not pause & resume
    changed = [
        msgspec.structs.replace(one, paused_at=later)
        if int(one.account_id) in pause
        else msgspec.structs.replace(one, paused_at=None)
        if int(one.account_id) in resume
        else one
        for one in accounts
    ]
    assert accounts_to_pause(billing, changed, later) == []
    assert accounts_to_resume(billing, changed) == []

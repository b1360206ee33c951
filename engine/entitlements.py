"""What a plan allows: the one place that decides; Slack, API and pages ask it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.models.account import AccountStatus, AwsAccount
from engine.models.billing import Billing, Plan, PriceTerms, Subscription

FREE_ACCOUNTS = 1
PRO_USD_A_MONTH = 19  # For each AWS account.
_AS_PROMISED = PriceTerms(coins=PRO_USD_A_MONTH * 100, currency="usd", interval="month")
GRACE = timedelta(days=14)

# Stripe collects a missed payment for some weeks before it gives up; until then the customer keeps what they have.
_PAYING = frozenset({"active", "trialing", "past_due"})
UNWATCHED = frozenset({AccountStatus.DISCONNECTING, AccountStatus.PENDING})


def is_paid_for(status: str) -> bool:
    """Whether a subscription in this state, in Stripe's word, still buys what it is for.

    >>> is_paid_for("past_due"), is_paid_for("canceled")
    (True, False)
    """
    return status in _PAYING


def plan_of(subscription: Subscription | None) -> Plan:
    """The plan that a subscription pays for.

    >>> plan_of(None).value
    'free'
    """
    return Plan.PRO if subscription is not None and is_paid_for(subscription.status) else Plan.FREE


def account_limit(billing: Billing) -> int | None:
    """How many AWS accounts may be connected; None means any number.

    >>> account_limit(Billing()), account_limit(Billing(plan=Plan.PRO))
    (1, None)
    """
    return None if billing.plan is Plan.PRO else FREE_ACCOUNTS


def accounts_to_pay_for(accounts: Sequence[AwsAccount]) -> int:
    """The quantity of a subscription: accounts that are watched, and never less than one.

    >>> accounts_to_pay_for([])
    1
    """
    return max(1, sum(is_watched(account) for account in accounts))


def accounts_once_paid(accounts: Sequence[AwsAccount]) -> int:
    """The quantity that a checkout begins with: what is watched, and what paying lets go on.

    >>> accounts_once_paid([])
    1
    """
    return max(1, sum(account.status not in UNWATCHED for account in accounts))


def is_watched(account: AwsAccount) -> bool:
    """Whether an account is read, and so paid for: one that waits for its role, leaves or is paused is not."""
    return account.status not in UNWATCHED and account.paused_at is None


def counted(accounts: Sequence[AwsAccount]) -> list[AwsAccount]:
    """The accounts that count against a plan's limit, all but those that leave, in the order in which it covers them.

    The oldest comes first; but one that waits for its role stands behind all that were ever watched, and one that is
    paused behind those that go on, so that nothing that is watched gives way to what is not.
    """
    staying = [account for account in accounts if account.status is not AccountStatus.DISCONNECTING]
    return sorted(staying, key=_turn)


def _turn(account: AwsAccount) -> tuple[bool, bool, datetime, str]:
    is_waiting = account.status is AccountStatus.PENDING
    return is_waiting, account.paused_at is not None, account.connected_at, account.account_id


def after_reading(
    billing: Billing, subscription: Subscription | None, accounts: Sequence[AwsAccount], now: datetime
) -> Billing:
    """Where a tenant stands after Stripe was read: a downgrade with too many accounts begins a time of grace.

    Reading the same again changes nothing but ``checked_at``: the grace of a downgrade is given once. One that is over
    is forgotten, so that nobody asks Stripe for it again.
    """
    plan = plan_of(subscription)
    grace = billing.grace_until
    if plan is Plan.PRO:
        grace = None
    elif billing.plan is Plan.PRO and len(counted(accounts)) > FREE_ACCOUNTS:
        grace = now + GRACE
    elif grace is not None and grace <= now:
        grace = None
    return msgspec.structs.replace(billing, plan=plan, subscription=subscription, grace_until=grace, checked_at=now)


def accounts_to_pause(billing: Billing, accounts: Sequence[AwsAccount], now: datetime) -> list[AwsAccount]:
    """The accounts that the plan does not cover any more, once the grace is over; the oldest stay."""
    limit = account_limit(billing)
    if limit is None or (billing.grace_until is not None and now < billing.grace_until):
        return []
    return [account for account in counted(accounts)[limit:] if account.paused_at is None]


def accounts_to_resume(billing: Billing, accounts: Sequence[AwsAccount]) -> list[AwsAccount]:
    """The paused accounts that the plan covers (again)."""
    limit = account_limit(billing)
    return [account for account in counted(accounts)[:limit] if account.paused_at is not None]


def price_fault(terms: PriceTerms) -> str:
    """Say what customers would pay instead of what they are promised; empty where it is just that.

    >>> price_fault(PriceTerms(coins=1900, currency="usd", interval="month"))
    ''
    >>> price_fault(PriceTerms(coins=1900, currency="usd", interval="year"))
    'it asks 19.00 USD a year for each AWS account, and customers are promised 19 USD a month'
    """
    if terms == _AS_PROMISED:
        return ""
    if not terms.is_active:
        return "it is archived, so nobody can pay it"
    if terms.coins is None or terms.is_metered or not terms.interval:
        return "it is no flat price for each unit and month"
    every = f"a {terms.interval}" if terms.interval_count == 1 else f"every {terms.interval_count} {terms.interval}s"
    asked = f"{terms.coins / 100:.2f} {terms.currency.upper()} {every}"
    return f"it asks {asked} for each AWS account, and customers are promised {PRO_USD_A_MONTH} USD a month"


def full(limit: int) -> str:
    """Why no further account may be connected, and what to do.

    >>> full(1)
    'The free plan watches 1 AWS account. Upgrade to Pro, or disconnect the one that is connected first.'
    """
    return f"The free plan watches {limit} AWS account. Upgrade to Pro, or disconnect the one that is connected first."

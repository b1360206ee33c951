"""What a plan allows: the one place that decides; Slack, API and pages ask it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.models.account import AccountStatus, AwsAccount
from engine.models.billing import Billing, Plan, Subscription

FREE_ACCOUNTS = 1
PRO_USD_A_MONTH = 19  # For each AWS account.
GRACE = timedelta(days=14)

# Stripe collects a missed payment for some weeks before it gives up; until then the customer keeps what they have.
_PAYING = frozenset({"active", "trialing", "past_due"})
UNWATCHED = frozenset({AccountStatus.DISCONNECTING, AccountStatus.PENDING})


def plan_of(subscription: Subscription | None) -> Plan:
    """The plan that a subscription pays for.

    >>> plan_of(None).value
    'free'
    """
    return Plan.PRO if subscription is not None and subscription.status in _PAYING else Plan.FREE


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


def is_watched(account: AwsAccount) -> bool:
    """Whether an account is read, and so paid for: one that waits for its role, leaves or is paused is not."""
    return account.status not in UNWATCHED and account.paused_at is None


def counted(accounts: Sequence[AwsAccount]) -> list[AwsAccount]:
    """The accounts that count against a plan's limit, oldest first: all but those that leave."""
    staying = [account for account in accounts if account.status is not AccountStatus.DISCONNECTING]
    return sorted(staying, key=lambda account: (account.connected_at, account.account_id))


def after_reading(
    billing: Billing, subscription: Subscription | None, accounts: Sequence[AwsAccount], now: datetime
) -> Billing:
    """Where a tenant stands after Stripe was read: a downgrade with too many accounts begins a time of grace.

    Reading the same again changes nothing but ``checked_at``: the grace of a downgrade is given once.
    """
    plan = plan_of(subscription)
    grace = billing.grace_until
    if plan is Plan.PRO:
        grace = None
    elif billing.plan is Plan.PRO and len(counted(accounts)) > FREE_ACCOUNTS:
        grace = now + GRACE
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


def full(limit: int) -> str:
    """Why no further account may be connected, and what to do.

    >>> full(1)
    'The free plan watches 1 AWS account. Upgrade to Pro, or disconnect the one that is connected first.'
    """
    return f"The free plan watches {limit} AWS account. Upgrade to Pro, or disconnect the one that is connected first."

"""What a tenant pays for."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Plan(StrEnum):
    """``FREE`` watches one AWS account, ``PRO`` any number."""

    FREE = "free"
    PRO = "pro"


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as Stripe last told of it. ``status`` is Stripe's word, ``quantity`` the accounts paid for.

    ``ends_at`` is set where it was cancelled to its period's end.
    """

    subscription_id: str
    item_id: str
    status: str
    quantity: int
    created_at: datetime
    period_end: datetime | None = None
    ends_at: datetime | None = None


class Billing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tenant stands. ``customer_id`` is Stripe's, empty until somebody first wanted to pay.

    After a downgrade all accounts are watched on until ``grace_until``; from then on those beyond the plan are paused.
    ``checked_at`` is when Stripe was last read. ``revision`` counts changes, so that no older reading overwrites a
    newer one.
    """

    customer_id: str = ""
    plan: Plan = Plan.FREE
    subscription: Subscription | None = None
    grace_until: datetime | None = None
    checked_at: datetime | None = None
    revision: int = 0


class PriceTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator's price at Stripe asks for one unit: in ``currency``'s smallest coin, None where it has steps.

    ``interval`` is Stripe's word (``month``), empty for what is paid once; ``is_metered`` for what is used, afterwards.
    """

    coins: int | None
    currency: str
    interval: str
    interval_count: int = 1
    is_metered: bool = False
    is_active: bool = True


class BillingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What the payment provider says has happened; ids are empty where it names none."""

    event_id: str
    kind: str
    customer_id: str
    invoice_id: str = ""


class PlanTurn(StrEnum):
    """What happened to a plan that people are told of."""

    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    PAYMENT_FAILED = "payment-failed"
    PAUSED = "paused"
    RESUMED = "resumed"


class PlanNotice(msgspec.Struct, frozen=True, kw_only=True, tag="plan"):
    """A message about the plan. ``account_ids`` are those that were paused or go on."""

    turn: PlanTurn
    account_ids: tuple[str, ...] = ()
    grace_until: datetime | None = None


class PlanReport(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tenant stands: ``accounts`` are connected, of which ``paused`` are not watched, and ``pay_for`` are paid.

    ``limit`` is None where any number may be connected; ``billed`` is False where nobody pays at all.
    """

    billed: bool
    billing: Billing
    accounts: int
    paused: int
    limit: int | None
    pay_for: int

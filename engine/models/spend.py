"""What AWS bills, as Cost Explorer tells it, and what that says beside what we saw start."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

USD = "USD"


class ServiceCost(msgspec.Struct, frozen=True):
    """What one service cost, by the name that AWS's bill has for it, before credits, refunds and taxes."""

    service: str
    amount: float
    currency: str = USD


class DayBill(msgspec.Struct, frozen=True, kw_only=True):
    """What an account's services cost on one day of UTC. AWS may still change a day that ``is_estimated``."""

    account_id: str
    day: date
    costs: tuple[ServiceCost, ...]
    is_estimated: bool = False


class TagBill(msgspec.Struct, frozen=True, kw_only=True):
    """What an account was billed by the values of one tag: what days call a service is a value, empty for none.

    ``trouble`` says why some or all of it is missing.
    """

    account_id: str
    key: str
    fetched_at: datetime
    days: tuple[DayBill, ...] = ()
    trouble: str = ""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What AWS expects from ``first_day`` until the month ends, with the bounds it gives for that."""

    first_day: date
    mean: float
    low: float
    high: float
    currency: str = USD


class AwsAnomaly(msgspec.Struct, frozen=True, kw_only=True):
    """What AWS's own Cost Anomaly Detection found: where it began most, and USD above what it expected.

    ``service`` is the bill's name; ``region`` and ``usage_type`` are empty where AWS names none. It goes on while
    ``last_day`` is None.
    """

    aws_anomaly_id: str
    account_id: str
    first_day: date
    last_day: date | None
    service: str
    region: str
    usage_type: str
    impact: float


class AccountBill(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an account's bill besides its days.

    ``calls`` were made on ``calls_day``, and each cost the customer about a cent. ``fetched_at`` is when Cost Explorer
    was last asked, ``attempted_at`` when somebody began to. ``troubles`` say what it did not answer, and why.
    """

    account_id: str
    calls_day: str = ""
    calls: int = 0
    attempted_at: datetime | None = None
    fetched_at: datetime | None = None
    forecast: Forecast | None = None
    anomalies: tuple[AwsAnomaly, ...] = ()
    troubles: tuple[str, ...] = ()


class SpendKey(StrEnum):
    """What spend is put together by; the values are names of a resource's fields."""

    ACCOUNT = "account_id"
    SERVICE = "service"
    ACTOR = "actor_key"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What all that we saw start in an account cost at list prices, for one value of a ``SpendKey``.

    ``spent_usd`` is of a time; ``hourly_cost`` is USD an hour of what runs, ``added_hourly_cost`` of that what was
    started lately.
    """

    account_id: str
    key: str
    spent_usd: float
    hourly_cost: float
    added_hourly_cost: float


class BudgetKind(StrEnum):
    """Whose spend a budget is about."""

    ACCOUNT = "account"
    ACTOR = "actor"


class SpendBudget(msgspec.Struct, frozen=True, kw_only=True):
    """USD a calendar month of UTC for one account, by its number, or one actor, by its key."""

    kind: BudgetKind
    subject: str
    monthly_usd: float
    set_by: str
    set_at: datetime

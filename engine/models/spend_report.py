"""What people are told of spend."""

from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from engine.models.chart import Chart
from engine.models.spend import AwsAnomaly, SpendBudget


class MonthSource(StrEnum):
    """What an estimate goes by: AWS's forecast, the bill's last days, what we saw start, or several of these."""

    FORECAST = "forecast"
    BILL = "bill"
    SEEN = "seen"
    MIXED = "mixed"


class MonthEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """USD of a calendar month of UTC: what is spent, and what the month costs by its end, with a band.

    By the bill, ``so_far_usd`` is of whole days, and ``added_usd`` is what, of ``high_usd``, things make that started
    within a day, which no bill knows yet, if they run on. By what we saw, ``low_usd`` is if all stopped now.
    """

    so_far_usd: float
    total_usd: float
    low_usd: float
    high_usd: float
    source: MonthSource = MonthSource.SEEN
    added_usd: float = 0.0


class ServiceGap(msgspec.Struct, frozen=True):
    """USD that the bill has of a service beyond what we saw start."""

    service: str
    usd: float


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """The bill of the days before ``until`` beside what all that we saw start cost in them, at list prices."""

    first_day: date
    until: date
    billed_usd: float
    seen_usd: float
    gaps: tuple[ServiceGap, ...] = ()

    @property
    def difference(self) -> float:
        """How far what we saw is from the bill, as a share of it: above 0 the bill has more."""
        return (self.billed_usd - self.seen_usd) / self.billed_usd if self.billed_usd else 0.0


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """How good cards were: of ``cards`` so many were ``confirmed``, by a person or by what AWS found itself.

    ``expected`` were no mistakes. Of what AWS found we ``missed`` those, the dearest first.
    """

    cards: int
    by_human: int
    by_bill: int
    confirmed: int
    expected: int
    found_by_aws: int
    missed: tuple[AwsAnomaly, ...] = ()


class SpendSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The month, the bill beside what was seen, and how good cards were, for all accounts together."""

    month: MonthEstimate
    reconciliation: Reconciliation | None = None
    grade: Grade | None = None


class SpendBy(StrEnum):
    """What rows of a report stand for."""

    SERVICE = "service"
    ACCOUNT = "account"
    ACTOR = "actor"
    TAG = "tag"


class SpendQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is asked for; ``tag`` is the key of one by tag. Pages count from 1."""

    by: SpendBy = SpendBy.SERVICE
    tag: str = ""
    span: timedelta = timedelta(days=7)
    page: int = 1


class SpendRow(msgspec.Struct, frozen=True, kw_only=True):
    """One account, service or actor. ``billed_usd`` is None where no bill tells it, ``month`` of all but accounts."""

    key: str
    name: str
    billed_usd: float | None
    seen_usd: float
    hourly_cost: float
    added_hourly_cost: float
    month: MonthEstimate | None = None


class BudgetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A budget beside what its month cost so far, and comes to."""

    budget: SpendBudget
    name: str
    actual_usd: float
    forecast_usd: float


class BillHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How an account's bill is read: questions asked today, each about a cent, and what was not answered."""

    account_id: str
    account_name: str
    calls: int
    fetched_at: datetime | None
    troubles: tuple[str, ...]
    other_currencies: tuple[str, ...]


class SpendReport(msgspec.Struct, frozen=True, kw_only=True):
    """Spend between ``since`` and ``until``; ``added_hourly_cost`` is what the last day added to what runs."""

    since: datetime
    until: datetime
    query: SpendQuery
    rows: tuple[SpendRow, ...]
    total_rows: int
    pages: int
    hourly_cost: float
    added_hourly_cost: float
    month: MonthEstimate
    billed_usd: float | None
    calls_a_day: int
    reconciliation: Reconciliation | None = None
    grade: Grade | None = None
    health: tuple[BillHealth, ...] = ()
    tag_troubles: tuple[str, ...] = ()
    chart: Chart | None = None
    picture_url: str = ""

"""What is spent: the report of ``/dd0c spend``, and the bill's days to take along."""

from collections.abc import Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from engine.errors import InputError
from engine.models.api_key import Scope
from engine.models.spend_report import MonthEstimate, MonthSource, SpendBy, SpendQuery, SpendReport
from engine.roles import Deed
from handlers.web.api.models import AccountId, Model, Moment, Nothing, Usd
from handlers.web.api.route import Call, Route, Stream
from handlers.web.api.services import ApiServices
from handlers.web.problems import Problem

_TAG = "spend"
_MOST_DAYS = 400
_MOST_ROWS = 200
TAG_KEY = r"^[A-Za-z0-9_.:/=+@-][A-Za-z0-9 _.:/=+@-]{0,127}$"
_NO_KEY = "By tag needs the tag's key: ?by=tag&tag=team."
_BILLED = "USD on AWS's bill, before credits, refunds and taxes; null where no bill tells it."
_SEEN = "USD at list prices of what was seen to start."

Days = Annotated[int, Field(ge=1, le=_MOST_DAYS, description="So many days back.")]


class SpendFilter(Model):
    """What is asked for. Pages count from 1; one beyond the last is the last."""

    by: SpendBy = SpendBy.SERVICE
    tag: Annotated[
        str | None, Field(pattern=TAG_KEY, description="The key, where it is by tag; else it says nothing.")
    ] = None
    days: Days = 7
    page: Annotated[int, Field(ge=1, le=9999)] = 1
    limit: Annotated[int, Field(ge=1, le=_MOST_ROWS)] = 50


class DaysFilter(Model):
    """How far back."""

    days: Days = 90


class MonthShown(Model):
    """The calendar month of UTC, in USD."""

    so_far_usd: Usd
    total_usd: Usd = Field(description="What the month comes to.")
    low_usd: Usd
    high_usd: Usd = Field(description="With what started in the last day running on.")
    source: MonthSource


class SpendRowShown(Model):
    """One service, account or actor."""

    key: str
    name: str
    billed_usd: Usd | None = Field(description=_BILLED)
    seen_usd: Usd = Field(description=_SEEN)
    hourly_cost_usd: float
    added_hourly_cost_usd: float = Field(description="Of that, what the last 24 hours added.")
    month: MonthShown | None = Field(description="Of an account; null of all else.")


class ReconciliationShown(Model):
    """Settled days of the bill beside what was seen in them."""

    first_day: date
    until: date = Field(description="The day after the last.")
    billed_usd: Usd
    seen_usd: Usd
    gaps: dict[str, Usd] = Field(description="USD by service that only the bill has.")


class GradeShown(Model):
    """How good the cards of thirty days were."""

    cards: int
    confirmed: int
    by_human: int
    by_bill: int
    expected: int
    found_by_aws: int
    missed: int


class BillShown(Model):
    """How an account's bill is read. Each question costs the customer about a cent."""

    account_id: AccountId
    questions_today: int
    fetched_at: Moment | None
    troubles: list[str]
    other_currencies: list[str] = Field(description="Billed in these too; they are in no sum.")


class SpendShown(Model):
    """Spend, a page of rows, and sums over all."""

    since: Moment
    until: Moment
    by: SpendBy
    rows: list[SpendRowShown]
    page: int
    pages: int
    hourly_cost_usd: float
    added_hourly_cost_usd: float
    billed_usd: Usd | None = Field(description=_BILLED)
    month: MonthShown
    reconciliation: ReconciliationShown | None
    grade: GradeShown | None
    bills: list[BillShown]
    tag_troubles: list[str] = Field(description="What is missing by tag, and why.")


async def get_spend(services: ApiServices, call: Call[SpendFilter, Nothing]) -> SpendShown:
    """Give a page."""
    asked = call.params
    if asked.by is SpendBy.TAG and asked.tag is not None:
        await services.spend_tags.read(call.tenant_id, asked.tag)
    query = SpendQuery(by=asked.by, tag=asked.tag or "", span=timedelta(days=asked.days), page=asked.page)
    return spend_of(await services.spend.report(call.tenant_id, query, asked.limit))


def spend_of(report: SpendReport) -> SpendShown:
    """Show a report."""
    is_keyless = report.query.by is SpendBy.TAG and not report.query.tag
    return SpendShown(
        since=report.since,
        until=report.until,
        by=report.query.by,
        rows=[
            SpendRowShown(
                key=row.key,
                name=row.name,
                billed_usd=row.billed_usd,
                seen_usd=row.seen_usd,
                hourly_cost_usd=row.hourly_cost,
                added_hourly_cost_usd=row.added_hourly_cost,
                month=_month(row.month) if row.month else None,
            )
            for row in report.rows
        ],
        page=report.query.page,
        pages=report.pages,
        hourly_cost_usd=report.hourly_cost,
        added_hourly_cost_usd=report.added_hourly_cost,
        billed_usd=report.billed_usd,
        month=_month(report.month),
        reconciliation=_reconciliation(report),
        grade=_grade(report),
        bills=_bills(report),
        tag_troubles=[*report.tag_troubles, *([_NO_KEY] if is_keyless else [])],
    )


def _month(month: MonthEstimate) -> MonthShown:
    return MonthShown(
        so_far_usd=month.so_far_usd,
        total_usd=month.total_usd,
        low_usd=month.low_usd,
        high_usd=month.high_usd,
        source=month.source,
    )


def _reconciliation(report: SpendReport) -> ReconciliationShown | None:
    found = report.reconciliation
    if found is None:
        return None
    return ReconciliationShown(
        first_day=found.first_day,
        until=found.until,
        billed_usd=found.billed_usd,
        seen_usd=found.seen_usd,
        gaps={gap.service: gap.usd for gap in found.gaps},
    )


def _grade(report: SpendReport) -> GradeShown | None:
    found = report.grade
    if found is None:
        return None
    return GradeShown(
        cards=found.cards,
        confirmed=found.confirmed,
        by_human=found.by_human,
        by_bill=found.by_bill,
        expected=found.expected,
        found_by_aws=found.found_by_aws,
        missed=len(found.missed),
    )


def _bills(report: SpendReport) -> list[BillShown]:
    return [
        BillShown(
            account_id=one.account_id,
            questions_today=one.calls,
            fetched_at=one.fetched_at,
            troubles=list(one.troubles),
            other_currencies=list(one.other_currencies),
        )
        for one in report.health
    ]


async def export_spend(services: ApiServices, call: Call[DaysFilter, Nothing]) -> Stream:
    """Send a line for each account, day and service."""
    lines = services.spend.csv_lines(call.tenant_id, timedelta(days=call.params.days))
    return Stream(lines, "dd0c-spend.csv")


async def export_parquet(services: ApiServices, call: Call[DaysFilter, Nothing]) -> Stream:
    """Send the same rows as one Parquet file. Refused where the bot was installed without what writes them."""
    try:
        services.spend_files.require_parquet()
    except InputError as error:
        raise Problem(HTTPStatus.CONFLICT, str(error), "GET /v1/spend/export sends the same as CSV.") from None
    return Stream(services.spend_files.parquet(call.tenant_id, timedelta(days=call.params.days)), "dd0c-spend.parquet")


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path="/v1/spend",
        summary="Show what is spent, by service, account, actor or tag.",
        handle=get_spend,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=SpendFilter,
        answer=SpendShown,
    ),
    Route(
        method="GET",
        path="/v1/spend/export",
        summary="Download the bill's days by account and service as CSV.",
        handle=export_spend,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=DaysFilter,
        stream=True,
        media_type="text/csv",
    ),
    Route(
        method="GET",
        path="/v1/spend/export.parquet",
        summary="Download the bill's days by account and service as Parquet.",
        handle=export_parquet,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=DaysFilter,
        stream=True,
        media_type="application/vnd.apache.parquet",
    ),
)

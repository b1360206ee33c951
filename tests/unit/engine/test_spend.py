"""Months, reconciliation and grades."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from engine.bills import FAMILIES, family_of
from engine.cloudtrail.registry import REGISTRY
from engine.examples import MONDAY, incident, launch
from engine.models.anomaly import AnomalyStatus, Decision, DecisionKind
from engine.models.spend import AccountBill, AwsAnomaly, DayBill, Forecast, Seen, ServiceCost
from engine.models.spend_report import MonthSource, ServiceGap, SpendBy
from engine.spend import add_up, compared_days, estimate_month, grade, reconcile, with_added
from engine.spend_rows import rows_of

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
EC2 = "Amazon Elastic Compute Cloud - Compute"


def day(back: int, *costs: ServiceCost) -> DayBill:
    return DayBill(account_id="1", day=TODAY - back * DAY, costs=costs)


def forecast(**changes: object) -> Forecast:
    return msgspec.structs.replace(Forecast(first_day=TODAY, mean=100.0, low=80.0, high=130.0), **changes)


def bill(**changes: object) -> AccountBill:
    usual = AccountBill(account_id="1", fetched_at=NOW, forecast=forecast())
    return msgspec.structs.replace(usual, **changes)


def test_the_bill_of_whole_days_and_the_forecast_make_the_month() -> None:
    days = [day(back, ServiceCost(EC2, 10.0)) for back in range(40)]
    found = estimate_month(bill(), days, 7.0, 1.0, NOW)
    assert (found.source, found.so_far_usd, found.total_usd) == (MonthSource.FORECAST, 200.0, 300.0)
    assert (found.low_usd, found.high_usd) == (280.0, 330.0)


def test_a_day_that_was_read_in_part_is_expected_not_known() -> None:
    yesterday = NOW - DAY
    read = bill(fetched_at=yesterday, forecast=forecast(first_day=yesterday.date()))
    days = [day(1, ServiceCost(EC2, 0.01)), day(2, ServiceCost(EC2, 10.0))]
    assert estimate_month(read, days, 0.0, 0.0, NOW).total_usd == 110.0


@pytest.mark.parametrize(
    "unusable",
    [None, forecast(currency="CNY"), forecast(first_day=date(2026, 10, 30)), forecast(first_day=TODAY + DAY)],
)
def test_without_a_forecast_the_last_days_go_on(unusable: Forecast | None) -> None:
    days = [day(back, ServiceCost(EC2, 9.0 + 2 * (back % 2))) for back in range(1, 15)]
    found = estimate_month(bill(forecast=unusable), days, 7.0, 1.0, NOW)
    assert (found.source, round(found.total_usd)) == (MonthSource.BILL, 140 + 100)
    assert found.low_usd < found.total_usd < found.high_usd


def test_without_any_dollars_what_we_saw_counts() -> None:
    days = [day(back, ServiceCost(EC2, 900.0, "CNY")) for back in range(1, 15)]
    found = estimate_month(bill(forecast=None), days, 50.0, 1.0, NOW)
    assert (found.source, found.low_usd, found.total_usd) == (MonthSource.SEEN, 50.0, 50.0 + 9 * 24 + 18)
    assert add_up([found, estimate_month(bill(), [], 0.0, 0.0, NOW)]).source is MonthSource.MIXED


def test_what_started_since_the_bill_may_run_on() -> None:
    """Ten days less six hours are left of the month; the estimate itself stays the bill's."""
    month = estimate_month(bill(), [day(1, ServiceCost(EC2, 200.0))], 7.0, 9.0, NOW)
    widened = with_added(month, 2.0, NOW)
    assert (widened.added_usd, widened.high_usd) == (2.0 * 234, month.high_usd + 2.0 * 234)
    assert (widened.so_far_usd, widened.total_usd, widened.low_usd) == (
        month.so_far_usd,
        month.total_usd,
        month.low_usd,
    )
    assert add_up([widened, widened]).added_usd == 4.0 * 234
    alone = estimate_month(None, [], 7.0, 9.0, NOW)
    assert with_added(alone, 2.0, NOW) == alone


def seen(key: str, usd: float, account_id: str = "1") -> Seen:
    return Seen(account_id=account_id, key=key, spent_usd=usd, hourly_cost=0.0, added_hourly_cost=0.0)


def test_the_bill_is_compared_by_service_and_what_it_alone_has_is_named() -> None:
    first, until = compared_days(NOW)
    costs = ServiceCost(EC2, 90.0), ServiceCost("EC2 - Other", 30.0), ServiceCost("Amazon Bedrock", 50.0)
    found = reconcile([day(4, *costs), day(1, *costs)], [seen("ec2", 96.0), seen("ec2", 999.0, "2")], first, until)
    assert found
    assert (found.billed_usd, found.seen_usd) == (170.0, 96.0)
    assert found.gaps == (ServiceGap("bedrock", 50.0), ServiceGap("ec2", 24.0))
    assert reconcile([day(4, ServiceCost(EC2, 9.0, "EUR"))], [], first, until) is None


def test_what_the_bill_calls_otherwise_is_one_service() -> None:
    """OpenSearch Serverless is on the bill of OpenSearch, Neptune has one apart from RDS, and models have their own."""
    first, until = compared_days(NOW)
    names = "Amazon OpenSearch Service", "Amazon Neptune", "Claude 3 Haiku (Amazon Bedrock Edition)", "Amazon FSx"
    ours = [seen(one, 30.0) for one in ("aoss", "rds", "bedrock", "fsx")]
    bills = [day(4, *(ServiceCost(name, 30.0) for name in names))]
    found = reconcile(bills, ours, first, until)
    assert found
    assert (found.difference, found.gaps) == (0.0, ())
    rows = rows_of(SpendBy.SERVICE, bills, ours, {})
    assert [(one.name, one.billed_usd, one.seen_usd) for one in rows] == [
        (name, 30.0, 30.0) for name in ("bedrock", "es", "fsx", "rds")
    ]


def test_every_service_whose_calls_are_understood_is_found_on_the_bill() -> None:
    """What DAX is called there we have not seen, and plans are bought for others."""
    services = {family_of(source.removesuffix(".amazonaws.com")) for source, _ in REGISTRY}
    assert services - set(FAMILIES.values()) == {"dax", "savingsplans"}


def aws(**changes: object) -> AwsAnomaly:
    usual = AwsAnomaly(
        aws_anomaly_id="a",
        account_id="111122223333",
        first_day=MONDAY.date(),
        last_day=MONDAY.date(),
        service=EC2,
        region="eu-west-1",
        usage_type="BoxUsage",
        impact=40.0,
    )
    return msgspec.structs.replace(usual, **changes)


@pytest.mark.parametrize(
    ("found", "is_same"),
    [
        (aws(), True),
        (aws(region=""), True),
        (aws(first_day=MONDAY.date() + 9 * DAY, last_day=None), True),  # ours still runs
        (aws(region="us-east-1"), False),
        (aws(service="AWS Lambda"), False),
        (aws(account_id="1"), False),
        (aws(first_day=MONDAY.date() - 9 * DAY, last_day=MONDAY.date() - 2 * DAY), False),
    ],
)
def test_when_awss_anomaly_is_ours(*, found: AwsAnomaly, is_same: bool) -> None:
    told = msgspec.structs.replace(incident(launch()), decision=Decision(DecisionKind.ALERT, "x"))
    graded = grade([told], [found], MONDAY - 30 * DAY)
    assert (graded.cards, graded.by_bill, len(graded.missed)) == (1, int(is_same), int(not is_same))


def test_people_and_the_bill_confirm_a_card_once() -> None:
    told = msgspec.structs.replace(incident(launch()), decision=Decision(DecisionKind.ALERT, "x"))
    labelled = msgspec.structs.replace(told, status=AnomalyStatus.UNEXPECTED)
    expected = msgspec.structs.replace(told, anomaly_id="other", status=AnomalyStatus.EXPECTED, account_id="2")
    graded = grade([labelled, expected], [aws()], MONDAY - DAY)
    assert (graded.cards, graded.by_human, graded.by_bill, graded.confirmed, graded.expected) == (2, 1, 1, 1, 1)

"""Cost Explorer on the simulated AWS, and its answers whatever stands in them."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.aws.connect import AwsIdentity, connect_bills
from clients.aws.spend.explorer import CostExplorer
from clients.aws.spend.reading import read_anomalies, read_days, read_forecast
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from engine.errors import AccessDenied, Rejected, Unavailable
from engine.models.account import AccountStatus, AwsAccount
from engine.models.spend import DayBill, ServiceCost
from tests.demo.aws_world import ACCOUNT, EXTERNAL_ID, NOW, REGION, TurnedClock

TODAY = datetime.fromtimestamp(NOW, UTC).date()
DAY = timedelta(days=1)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dd0c-cost-readonly"
EC2 = "Amazon Elastic Compute Cloud - Compute"


def account() -> AwsAccount:
    at = datetime.fromtimestamp(NOW, UTC)
    return AwsAccount(
        account_id=ACCOUNT,
        name="x",
        status=AccountStatus.ACTIVE,
        regions=(REGION,),
        connected_at=at,
        role_arn=ROLE,
        external_id=EXTERNAL_ID,
    )


@pytest.fixture
async def simulator() -> AsyncIterator[AwsSimulator]:
    aws = AwsSimulator(clock=TurnedClock())
    await aws.start()
    yield aws
    await aws.stop()


@pytest.fixture
def customer(simulator: AwsSimulator) -> SimulatedAccount:
    return simulator.add_account(ACCOUNT, (REGION,), external_id=EXTERNAL_ID)


@pytest.fixture
def explorer(simulator: AwsSimulator) -> CostExplorer:
    caller = simulator.caller
    identity = AwsIdentity(REGION, simulator.url, caller.access_key_id, caller.secret_access_key)
    return connect_bills(identity, clock=lambda: datetime.fromtimestamp(NOW, UTC))


async def test_days_come_page_by_page_with_what_is_still_estimated(
    simulator: AwsSimulator, customer: SimulatedAccount, explorer: CostExplorer
) -> None:
    customer.bill.page_days = 3
    for back in range(5):
        customer.bill.add(TODAY - back * DAY, EC2, 10.25 + back)
    page, token = await explorer.fetch_days(account(), TODAY - 4 * DAY, TODAY + DAY)
    rest, end = await explorer.fetch_days(account(), TODAY - 4 * DAY, TODAY + DAY, token)
    assert [one.day for one in (*page, *rest)] == [TODAY - back * DAY for back in (4, 3, 2, 1, 0)]
    assert [one.is_estimated for one in (*page, *rest)] == [False, False, False, True, True]
    assert (end, page[0].costs) == ("", (ServiceCost(EC2, 14.25),))
    asked = simulator.calls_of("GetCostAndUsage")[0].params["Filter"]["And"]
    assert asked[0] == {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [ACCOUNT]}}


async def test_the_forecast_has_the_bounds_of_its_days(customer: SimulatedAccount, explorer: CostExplorer) -> None:
    customer.bill.forecast = 100.0
    forecast = await explorer.fetch_forecast(account(), TODAY, TODAY + 10 * DAY)
    assert (forecast.mean, round(forecast.low), round(forecast.high)) == (1000.0, 900, 1100)
    customer.bill.forecast = None
    with pytest.raises(Rejected, match="DataUnavailableException"):
        await explorer.fetch_forecast(account(), TODAY, TODAY + DAY)


async def test_anomalies_name_where_they_began(customer: SimulatedAccount, explorer: CostExplorer) -> None:
    customer.bill.find(TODAY - DAY, "EC2 - Other", "NatGateway-Bytes", 480.0)
    customer.bill.find(TODAY - 50 * DAY, "AWS Lambda", "Request", 5.0)
    (found,), _ = await explorer.fetch_anomalies(account(), TODAY - 2 * DAY, TODAY + DAY)
    assert (found.usage_type, found.impact, found.last_day) == ("NatGateway-Bytes", 480.0, TODAY - DAY)


async def test_refusals_keep_their_code(customer: SimulatedAccount, explorer: CostExplorer) -> None:
    customer.bill.enabled = False
    with pytest.raises(AccessDenied, match="not enabled"):
        await explorer.fetch_days(account(), TODAY, TODAY + DAY)
    customer.deny("ce:GetAnomalies")
    with pytest.raises(AccessDenied) as refused:
        await explorer.fetch_anomalies(account(), TODAY, TODAY + DAY)
    assert refused.value.code == "AccessDeniedException"


def test_another_currency_is_kept_and_what_a_payer_sees_of_others_is_not() -> None:
    metrics = {"UnblendedCost": {"Amount": "7.5", "Unit": "CNY"}}
    period = {"Start": "2026-11-20", "End": "2026-11-21"}
    answer = {"ResultsByTime": [{"TimePeriod": period, "Groups": [{"Keys": ["S3"], "Metrics": metrics}]}]}
    assert read_days("1", answer) == [
        DayBill(account_id="1", day=date(2026, 11, 20), costs=(ServiceCost("S3", 7.5, "CNY"),))
    ]
    others = {"AnomalyStartDate": "2026-11-20", "RootCauses": [{"LinkedAccount": "2"}], "Impact": {"TotalImpact": 1}}
    assert read_anomalies("1", {"Anomalies": [others]}) == []


_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["TimePeriod", "Start", "Groups", "Keys", "Metrics", "UnblendedCost", "Amount", "Unit", "RootCauses"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def refusal_of(read: Callable[[], object]) -> str:
    """The code of the error, or nothing."""
    try:
        read()
    except Unavailable as error:
        return error.code
    return ""


@given(st.lists(_json, max_size=3) | _json)
def test_any_answer_is_read_or_refused_in_our_words(items: Any) -> None:
    for read, name in ((read_days, "ResultsByTime"), (read_anomalies, "Anomalies")):
        assert refusal_of(partial(read, ACCOUNT, {name: items})) in {"", "MalformedAnswer"}
    answer = {"ForecastResultsByTime": items, "Total": {"Amount": "1"}}
    assert refusal_of(lambda: read_forecast(TODAY, answer)) in {"", "MalformedAnswer"}


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20))
def test_amounts_come_back_as_they_were_written(amount: float, service: str) -> None:
    group = {"Keys": [service], "Metrics": {"UnblendedCost": {"Amount": repr(amount), "Unit": "USD"}}}
    page = {"ResultsByTime": [{"TimePeriod": {"Start": "2026-11-20"}, "Groups": [group]}]}
    (day,) = read_days("1", page)
    assert sum(cost.amount for cost in day.costs) == pytest.approx(amount, abs=1e-6)

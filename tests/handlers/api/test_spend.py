"""Spend from outside: the report, and the bill's days as CSV."""

import csv
import io
import sys
from datetime import timedelta

import aiohttp
import pytest
from arro3.io import read_parquet

from engine.models.spend import AccountBill, DayBill, ServiceCost
from handlers.web.api.openapi import document
from handlers.web.api.table import ROUTES
from tests.handlers.api.office import Office
from tests.handlers.api.test_resources import give
from tests.store.samples import ACCOUNT, NOW, OTHER_TENANT, TENANT

pytestmark = pytest.mark.integration
ONE_DAY = timedelta(days=1)


async def bill(office: Office, tenant_id: str, amount: float) -> None:
    bills = office.store.bills
    await bills.begin_fetch(tenant_id, ACCOUNT, NOW, fetched_before=NOW, attempted_before=NOW)
    costs = ServiceCost("AWS Lambda", amount), ServiceCost('=cmd,"x"', 0.5), ServiceCost("S3", 7.0, "CNY")
    days = [DayBill(account_id=ACCOUNT, day=NOW.date() - back * ONE_DAY, costs=costs) for back in range(20)]
    await bills.save_fetched(tenant_id, AccountBill(account_id=ACCOUNT, fetched_at=NOW), days)


async def test_the_report_has_a_page_of_rows_and_sums_over_all(office: Office) -> None:
    await bill(office, TENANT, 2.0)
    await bill(office, OTHER_TENANT, 1000.0)
    shown = await give(office, "GET", "/v1/spend?days=9&limit=1")
    assert shown["rows"][0]["key"] == "lambda"
    assert (shown["billed_usd"], shown["rows"][0]["billed_usd"], shown["pages"]) == (25.0, 20.0, 3)
    assert shown["month"]["source"] == "bill"
    assert shown["reconciliation"]["billed_usd"] == 17.5
    assert shown["bills"][0]["other_currencies"] == ["CNY"]
    assert shown["rows"][0]["month"] is None
    [account] = (await give(office, "GET", "/v1/spend?by=account"))["rows"]
    assert account["month"] == shown["month"]
    await give(office, "GET", "/v1/spend?by=colour", status=400)
    await give(office, "GET", "/v1/spend?days=0", status=400)


async def test_the_days_come_as_csv_that_reads_back(office: Office) -> None:
    await bill(office, TENANT, 2.0)
    status, content, _ = await office.send("GET", "/v1/spend/export?days=3")
    rows = list(csv.DictReader(str(content).splitlines()))
    assert (status, len(rows)) == (200, 12)
    assert rows[1]["service_name"] == '\'=cmd,"x"'
    assert sum(float(row["billed_cost"]) for row in rows if row["billing_currency"] == "USD") == 10.0


async def test_by_tag_needs_a_key_and_tells_its_values(office: Office) -> None:
    await bill(office, TENANT, 2.0)
    shown = await give(office, "GET", "/v1/spend?by=tag&tag=team&days=4")
    assert [(row["name"], row["billed_usd"]) for row in shown["rows"]] == [("web", 10.0), ("without this tag", 5.0)]
    assert shown["tag_troubles"] == []
    keyless = await give(office, "GET", "/v1/spend?by=tag")
    assert (keyless["rows"], keyless["tag_troubles"]) == ([], ["By tag needs the tag's key: ?by=tag&tag=team."])
    await give(office, "GET", "/v1/spend?by=tag&tag=%7B%7D", status=400)


async def test_without_what_writes_parquet_csv_is_named(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arro3.core", None)
    path = "/v1/spend/export.parquet"
    assert "as CSV" in (await give(office, "GET", path, status=409))["hint"]
    assert "409" in document(ROUTES)["paths"][path]["get"]["responses"]


async def test_the_days_come_as_parquet_that_reads_back(office: Office) -> None:
    await bill(office, TENANT, 2.0)
    await bill(office, OTHER_TENANT, 1000.0)
    headers = {"Authorization": f"Bearer {office.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{office.url}/v1/spend/export.parquet?days=3") as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "application/vnd.apache.parquet")
        table = read_parquet(io.BytesIO(await answer.read())).read_all()
    rows = zip(table["billing_currency"].to_pylist(), table["billed_cost"].to_pylist(), strict=True)
    assert table.num_rows == 12
    assert sum(cost for currency, cost in rows if currency == "USD") == 10.0

"""What keeps a refreshed table from replacing the old one."""

import datetime as dt

import pytest

from engine.pricing.checks import GOLDEN_SKUS, find_table_problems
from engine.pricing.sheets import make_sheet, offer_of
from engine.pricing.table import PriceTable

GOLDEN = dict.fromkeys(GOLDEN_SKUS, 0.1)


def _table(prices: dict[str, float]) -> PriceTable:
    offers = {offer_of(sku) or "" for sku in prices}
    return PriceTable.from_sheets(
        make_sheet(
            offer,
            "list",
            dt.date(2026, 10, 15),
            "a test",
            {"us-east-1": {sku: usd for sku, usd in prices.items() if offer_of(sku) == offer}},
        )
        for offer in offers
    )


def test_the_same_table_has_no_problems() -> None:
    assert find_table_problems(_table(GOLDEN), _table(GOLDEN)) == []


@pytest.mark.parametrize("sku", GOLDEN_SKUS)
def test_a_missing_golden_type_is_a_problem(sku: str) -> None:
    rest = {known: usd for known, usd in GOLDEN.items() if known != sku}
    assert any(f"(1): {sku}" in problem for problem in find_table_problems(_table(rest), _table(rest)))


def test_losing_more_than_a_tenth_of_an_offers_rows_is_a_problem() -> None:
    many = {f"ec2/x{n}.large": 0.1 for n in range(100)}
    old = _table(GOLDEN | many)
    assert find_table_problems(_table(GOLDEN | dict(list(many.items())[:96])), old) == []
    assert find_table_problems(_table(GOLDEN | dict(list(many.items())[:80])), old) == [
        "rows were lost (1): AmazonEC2 in us-east-1 108 -> 88"
    ]


def test_a_family_out_of_proportion_is_a_problem() -> None:
    crooked = {"ec2/m6i.large": 0.096, "ec2/m6i.xlarge": 0.192, "ec2/m6i.2xlarge": 0.9}
    problems = find_table_problems(_table(GOLDEN | crooked), _table(GOLDEN))
    assert problems == ["sizes of a family do not cost in proportion (1): ec2/m6i in us-east-1"]


def test_a_gpu_family_may_be_out_of_proportion() -> None:
    crooked = {"ec2/g4dn.xlarge": 0.526, "ec2/g4dn.2xlarge": 0.752, "ec2/g4dn.16xlarge": 4.352}
    assert find_table_problems(_table(GOLDEN | crooked), _table(GOLDEN)) == []


@pytest.mark.parametrize(("usd", "is_problem"), [(0.5, False), (0.51, True), (0.021, False), (0.019, True)])
def test_a_price_that_jumps_is_a_problem(usd: float, is_problem: bool) -> None:
    problems = find_table_problems(_table(GOLDEN | {"nat/hour": usd}), _table(GOLDEN))
    assert [problem.startswith("prices changed") for problem in problems] == [True] * is_problem

"""Spend in words: the bill beside what was seen."""

from datetime import date

import pytest

from blocks.spend_words import month_words, reconciliation_words
from engine.models.spend_report import MonthEstimate, MonthSource, Reconciliation


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (104.0, "agrees within 4 % with what was seen to start ($104.00)"),
        (200.0, "50 % below list prices of what was seen to start ($200.00)"),
        (100_000.0, "99 % below list prices"),
        (40.0, "$40.00 of it was seen to start"),
    ],
)
def test_the_bill_is_never_further_below_list_prices_than_all_of_them(seen: float, said: str) -> None:
    found = Reconciliation(first_day=date(2026, 3, 1), until=date(2026, 3, 8), billed_usd=100.0, seen_usd=seen)
    told = reconciliation_words(found)
    assert said in told
    assert told.startswith("The bill of 01 Mar to 07 Mar is $100.00")


def test_the_most_a_month_can_cost_says_what_has_to_run_on_for_that() -> None:
    month = MonthEstimate(
        so_far_usd=1.0, total_usd=2.0, low_usd=1.5, high_usd=99.0, added_usd=96.0, source=MonthSource.FORECAST
    )
    assert "($1.50 to $99.00 if what started in the last day runs on), by the bill" in month_words(month)

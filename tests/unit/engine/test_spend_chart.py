"""The chart of the bill shows all of the time that was asked for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.models.spend import DayBill, ServiceCost
from engine.spend_rows import daily_chart

TODAY = date(2026, 11, 21)


def billed(ago: int, amount: float) -> DayBill:
    costs = (ServiceCost(service="Amazon EC2", currency="USD", amount=amount),)
    return DayBill(account_id="111122223333", day=TODAY - timedelta(days=ago), costs=costs)


@given(st.lists(st.tuples(st.integers(0, 399), st.integers(1, 500)), min_size=2, unique_by=lambda one: one[0]))
def test_no_dollar_of_a_whole_day_is_left_out(days: list[tuple[int, int]]) -> None:
    whole = [amount for ago, amount in days if ago]
    chart = daily_chart([billed(*one) for one in days], TODAY)
    if len(whole) <= 1:
        assert chart is None
        return
    assert chart is not None
    assert sum(bar.usd for bar in chart.bars) == pytest.approx(sum(whole))
    assert len(chart.bars) <= 14
    assert len({bar.label for bar in chart.bars}) == len(chart.bars)


def test_many_days_share_bars_and_the_newest_are_whole() -> None:
    chart = daily_chart([billed(ago, 1.0) for ago in range(1, 31)], TODAY)
    assert chart is not None
    assert (chart.by, len(chart.bars)) == ("3 days from", 10)
    assert [(bar.label, bar.usd) for bar in chart.bars[-2:]] == [("Sun 15 Nov", 3.0), ("Wed 18 Nov", 3.0)]
    chart = daily_chart([billed(ago, 1.0) for ago in range(1, 17)], TODAY)
    assert chart is not None
    assert chart.bars[0].label == "Thu 05 Nov"
    week = daily_chart([billed(ago, 1.0) for ago in range(1, 15)], TODAY)
    assert week is not None
    assert (week.by, len(week.bars)) == ("day", 14)

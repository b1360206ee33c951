"""The message that stands for cards beyond the alert budget."""

from hypothesis import given
from hypothesis import strategies as st

from blocks.held_back import held_back
from engine.models.post import HeldBack
from services.anomaly_rows import rows_of
from tests.blocks.rules import problems, reading
from tests.blocks.samples import MONEY, incident

ROWS = st.integers(0, 10).map(lambda count: rows_of([incident(hourly_cost=7.5)] * count, []))


HELD = st.builds(
    HeldBack,
    day=st.just("2026-11-21"),
    budget=st.integers(0, 1000),
    total=st.integers(0, 10_000),
    hourly_cost=MONEY,
    rows=ROWS,
)


@given(HELD, st.booleans())
def test_slack_takes_it(held: HeldBack, may_repeat: bool) -> None:
    assert problems(held_back(held, may_repeat=may_repeat)) == []


def test_it_names_the_dearest_and_how_to_see_all() -> None:
    rows = rows_of([incident(hourly_cost=7.5)], [])
    text = reading(
        held_back(HeldBack(day="2026-11-21", budget=20, total=2, hourly_cost=9.0, rows=rows), may_repeat=False)
    )
    assert rows[0].anomaly_id[:8] in text
    assert "2 more findings without a card today: $9.00 per hour" in text
    assert "had its 20 cards" in text
    assert "/dd0c anomalies" in text

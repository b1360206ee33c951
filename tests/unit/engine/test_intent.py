"""What somebody says they are about to start, in any order."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.command_line.intent import USUAL_SPAN, Intent, parse_intent
from engine.errors import InputError

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
PARTS = (["8"], ["p5.48xlarge"], ["$450/h"], ["until", "Fri", "18:00"])
MEANT = Intent(
    resource_type="p5.48xlarge",
    until=datetime(2026, 11, 27, 18, tzinfo=UTC),
    quantity=8,
    max_hourly_cost=450.0,
)


@given(st.permutations(PARTS))
def test_the_order_is_free(parts: list[list[str]]) -> None:
    assert parse_intent([word for part in parts for word in part], NOON, UTC) == MEANT


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("2x nat_gateway", Intent(resource_type="nat_gateway", until=NOON + USUAL_SPAN, quantity=2)),
        (
            "M5.Large $24/day for 36h",
            Intent(resource_type="m5.large", until=NOON + timedelta(hours=36), max_hourly_cost=1.0),
        ),
        ("UNTIL 3d 1 gp3", Intent(resource_type="gp3", until=NOON + timedelta(days=3), quantity=1)),
    ],
)
def test_what_is_understood(words: str, intent: Intent) -> None:
    assert parse_intent(words.split(), NOON, UTC) == intent


@given(
    st.lists(st.text() | st.sampled_from(["8", "m5.large", "$3/h", "until", "Fri", "for", "7d", "18:00"]), max_size=8)
)
def test_any_words_are_an_intent_with_a_limit_or_a_clear_error(words: list[str]) -> None:
    with contextlib.suppress(InputError):
        intent = parse_intent(words, NOON, UTC)
        assert intent.quantity or intent.max_hourly_cost
        assert NOON < intent.until <= NOON + timedelta(days=366)

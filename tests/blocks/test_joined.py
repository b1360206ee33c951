"""The reply that says what joined an incident."""

from hypothesis import given
from hypothesis import strategies as st

from blocks.joined import joined
from engine.models.anomaly import Line
from engine.models.post import Joined
from tests.blocks.rules import problems, reading
from tests.blocks.samples import LINES, MONEY

NEWS = st.builds(
    Joined,
    lines=st.lists(LINES, min_size=1, max_size=4).flatmap(
        lambda lines: st.sampled_from([1, 10]).map(lambda times: tuple(lines * times))
    ),
    hourly_cost=MONEY,
    unknown_price=st.booleans(),
)


@given(NEWS, st.booleans())
def test_slack_takes_it_and_nobody_is_fooled(news: Joined, may_repeat: bool) -> None:
    assert problems(joined(news, may_repeat=may_repeat)) == []


def test_it_says_what_joined_and_what_all_costs() -> None:
    line = Line("ec2", "p3.2xlarge", "us-east-1", 7, 21.42, (), "list")
    card = joined(Joined(lines=(line,), hourly_cost=22.0, unknown_price=True), may_repeat=True)
    text = reading(card)
    assert "p3.2xlarge in us-east-1: $21.42" in text
    assert "at least $22.00 per hour" in text
    assert "may repeat" in text

"""What is said of a pause, whatever was found in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.pause import pause_notice, paused, resumed
from engine.models.pause import Paused, Resumed
from tests.blocks.rules import problems
from tests.blocks.samples import MOMENTS, MONEY, NAMES
from tests.blocks.test_answers import ROWS

PAUSES = st.builds(Paused, MOMENTS, NAMES, st.integers(0, 10**6), st.booleans())
RESUMES = st.builds(
    Resumed,
    since=st.none() | MOMENTS,
    by=NAMES,
    rows=st.lists(ROWS, max_size=5).map(tuple),
    total=st.integers(0, 10**6),
    hourly_cost=MONEY,
)


@given(PAUSES, RESUMES, NAMES)
@settings(max_examples=50, deadline=None)
def test_all_of_it_is_a_message_slack_takes(pause: Paused, resume: Resumed, user_id: str) -> None:
    for card in (
        paused(pause),
        resumed(resume, may_repeat=True),
        pause_notice(user_id, may_repeat=True),
    ):
        assert problems(card) == []

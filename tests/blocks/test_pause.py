"""What is said of a pause, whatever was found in it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.pause import pause_notice, paused, resumed
from engine.examples import MONDAY
from engine.models.account import OperatorPanic
from engine.models.pause import Paused, Resumed
from tests.blocks.rules import problems
from tests.blocks.samples import MOMENTS, MONEY, NAMES
from tests.blocks.test_answers import ROWS

PANICS = st.builds(OperatorPanic, since=MOMENTS, by=NAMES, why=NAMES)
PAUSES = st.builds(Paused, MOMENTS, NAMES, st.integers(0, 10**6), st.booleans())
RESUMES = st.builds(
    Resumed,
    since=st.none() | MOMENTS,
    by=NAMES,
    rows=st.lists(ROWS, max_size=5).map(tuple),
    total=st.integers(0, 10**6),
    hourly_cost=MONEY,
    operator=st.none() | PANICS,
    is_still_paused=st.booleans(),
)


@given(PAUSES, RESUMES, NAMES)
@settings(max_examples=50)
def test_all_of_it_is_a_message_slack_takes(pause: Paused, resume: Resumed, user_id: str) -> None:
    for card in (
        paused(pause),
        resumed(resume, may_repeat=True),
        pause_notice(user_id, may_repeat=True),
    ):
        assert problems(card) == []


def test_the_operators_pause_is_no_persons_to_end() -> None:
    panic = OperatorPanic(since=MONDAY, by="Ann", why="prices are wrong.")
    over = resumed(Resumed(MONDAY, "", total=2, operator=panic))
    assert "paused for everybody by dd0c's operator, by Ann: prices are wrong. It is on again. 2 anomalies" in over.text
    still = json.dumps(resumed(Resumed(MONDAY, "U1", operator=panic, is_still_paused=True)).blocks)
    assert "Your pause has ended, but alerting stays paused." in still
    none = json.dumps(resumed(Resumed(None, "U1", operator=panic, is_still_paused=True)).blocks)
    assert "Only the operator can end this." in none

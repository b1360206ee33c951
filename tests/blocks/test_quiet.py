"""What is silent by somebody's word, whatever it is made of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.quiet import declared, quiet_list
from engine.models.quiet import Declared, QuietList, QuietPattern
from engine.models.resource import Running
from engine.models.verdict import Expectation
from tests.blocks.rules import problems
from tests.blocks.samples import MOMENTS, MONEY, NAMES

TYPES = st.lists(NAMES, min_size=1, max_size=5).map(tuple)
PATTERNS = st.builds(
    QuietPattern,
    pattern_id=NAMES,
    is_snooze=st.booleans(),
    account_name=NAMES,
    actor_key=NAMES,
    resource_types=TYPES,
    created_by=NAMES,
    until=st.none() | MOMENTS,
    max_hourly_cost=st.none() | MONEY,
    max_quantity=st.none() | st.integers(1, 10**6),
    all_running=st.booleans(),
)


@given(st.lists(PATTERNS, max_size=4), st.sampled_from([1, 1, 9]), st.none() | PATTERNS)
@settings(max_examples=50)
def test_any_list_is_a_message_slack_takes(
    patterns: list[QuietPattern], times: int, ended: QuietPattern | None
) -> None:
    assert problems(quiet_list(QuietList(tuple(patterns * times), ended))) == []


@given(
    st.builds(
        Expectation,
        expectation_id=NAMES,
        account_id=NAMES,
        actor_key=st.just(""),
        resource_types=TYPES,
        max_hourly_cost=st.none() | MONEY,
        max_quantity=st.none() | st.integers(1, 10**6),
        created_by=NAMES,
        created_at=MOMENTS,
        until=st.none() | MOMENTS,
    ),
    NAMES,
    st.builds(Running, st.integers(0, 10**9), MONEY),
)
@settings(max_examples=50)
def test_any_declaration_is_a_message_slack_takes(expectation: Expectation, name: str, running: Running) -> None:
    assert problems(declared(Declared(expectation, name, running))) == []

"""Rules on trial: off by default, marked in what they raise, held back by their breaker, and no match for the net."""

import re
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.breaker import Volume, is_too_much
from engine.examples import FlatPrices, launch, new_account, new_state
from engine.flags import NO_FLAGS, Flag, FlagSet, is_held, under_flag
from engine.models.account import AwsAccount, GovernanceMode
from engine.models.anomaly import Anomaly, Decision, DecisionKind
from engine.models.cost_event import UsageItem
from engine.pipeline import advance, start_changes
from tests.unit.engine.factories import hours

ENGINE = Path(__file__).parents[3] / "engine"
ON = FlagSet(on=frozenset({Flag.YOUNG_CREEP}))
TRIPPED = FlagSet(tripped=frozenset({Flag.YOUNG_CREEP}))
FLAG_SETS = st.builds(FlagSet, st.frozensets(st.sampled_from(Flag)), st.frozensets(st.sampled_from(Flag)))


def audited() -> AwsAccount:
    return replace(new_account(), mode=GovernanceMode.AUDIT)


def creeping(*flag_sets: FlagSet) -> Anomaly:
    """The dearest finding of an account of six days in which machines start all day long; flags change underway."""
    state = new_state()
    state.account = audited()
    first = launch().event_time
    for day in range(6):
        one = launch(event_id=f"d{day}", resource_ids=(f"d{day}",), event_time=first + hours(24 * day))
        advance([one], state, start_changes(state), FlatPrices())
    for number in range(40):
        state.flags = flag_sets[number * len(flag_sets) // 40]
        usage, at = (UsageItem("ec2/m5.large", 2.0),), first + hours(6 * 24 + 2 * number)
        one = launch(event_id=f"n{number}", resource_ids=(f"n{number}",), usage=usage, event_time=at)
        advance([one], state, start_changes(state), FlatPrices())
    return max(state.anomalies.values(), key=lambda anomaly: anomaly.hourly_cost)


def test_a_rule_is_off_by_default_and_says_so_of_what_it_raises() -> None:
    assert (creeping(NO_FLAGS).decision.kind, creeping(NO_FLAGS).decision.flag) == (DecisionKind.LOG, "")
    raised = creeping(ON).decision
    assert (raised.kind, raised.flag) == (DecisionKind.ALERT, "young_creep")


def test_a_tripped_rule_keeps_what_it_would_have_raised() -> None:
    held = creeping(TRIPPED).decision
    assert is_held(held)
    assert "young_creep" in held.reason


def test_what_was_held_stays_marked_when_the_flag_goes() -> None:
    assert is_held(creeping(TRIPPED, NO_FLAGS).decision)
    assert creeping(TRIPPED, ON).decision.kind is DecisionKind.ALERT


@given(FLAG_SETS, st.sampled_from(GovernanceMode), st.floats(25.0, 500.0))
def test_no_flag_silences_the_safety_net(flags: FlagSet, mode: GovernanceMode, usd: float) -> None:
    state = new_state()
    state.account = audited() if mode is GovernanceMode.AUDIT else new_account()
    state.flags = flags
    changes = start_changes(state)
    advance([launch(usage=(UsageItem("ec2/p5.48xlarge", usd),))], state, changes, FlatPrices())
    (found,) = changes.anomalies.values()
    assert (found.decision.kind, found.decision.safety_net, found.decision.flag) == (DecisionKind.ALERT, True, "")


@given(st.sampled_from(Flag), FLAG_SETS, st.sampled_from(DecisionKind))
def test_what_is_told_without_a_rule_is_told_with_it_whatever_the_rule_says(
    flag: Flag, flags: FlagSet, kind: DecisionKind
) -> None:
    """So a creep that the safety net caught by now comes too, where its rule is on, off or held back by its breaker."""
    caught = Decision(DecisionKind.ALERT, "Safety net.", safety_net=True)
    assert under_flag(flag, flags, caught, Decision(kind, "As the rule on trial says.")) is caught


def test_only_the_choice_between_two_decisions_knows_of_flags() -> None:
    """What catches a launch and what decides about it cannot ask a flag, because they are handed none."""
    for name in ("governance.py", "pipeline.py", "peace.py", "scoring/harmless.py"):
        assert not re.search(r"\bflags?\b|FlagSet", (ENGINE / name).read_text()), name


@example(in_hour=3, usual=0)
@example(in_hour=4, usual=0)
@example(in_hour=4, usual=448)
@given(st.integers(0, 1000), st.integers(0, 100_000))
def test_a_breaker_lets_three_an_hour_through_and_three_times_the_usual(in_hour: int, usual: int) -> None:
    allowed = in_hour <= 3 or in_hour * 14 * 24 <= 3 * usual
    assert is_too_much(Volume(in_hour, usual)) is not allowed


def test_a_decision_of_before_there_were_flags_is_not_held() -> None:
    assert not is_held(Decision(DecisionKind.LOG, "Nothing unusual."))

"""What strict mode lets through, over all circumstances: the safety net, and nothing else; and it says so in words."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.governance import PANICKED, PAUSED, Circumstances, decide
from engine.models.account import GovernanceMode
from engine.models.anomaly import DecisionKind, Severity
from tests.unit.engine.factories import ACCOUNT, account

CASES = st.builds(
    Circumstances,
    account=st.sampled_from(GovernanceMode).map(account),
    severity=st.sampled_from(Severity),
    anomalous=st.booleans(),
    in_safety_net=st.booleans(),
    young=st.booleans(),
    certain=st.booleans(),
    commitment=st.booleans(),
    unknown_price=st.booleans(),
    panic_mode=st.booleans(),
    operator_panic=st.booleans(),
)


@given(CASES)
def test_a_policy_of_strict_silences_all_but_the_safety_net_whatever_the_account_is_set_to(case: Circumstances) -> None:
    without, strict = decide(case), decide(msgspec.structs.replace(case, policy_strict=True))
    through = (case.in_safety_net or case.commitment) and not (case.panic_mode or case.operator_panic)
    assert strict.kind is (DecisionKind.ALERT if through else DecisionKind.LOG)
    assert strict.safety_net is without.safety_net
    assert ("It came through strict mode." in strict.reason) is through
    if without.kind is DecisionKind.ALERT and not through:
        assert strict.reason == f"Alert for account {ACCOUNT} suppressed by strict mode, set by the operator's policy."


@given(CASES, st.booleans())
def test_strict_mode_that_the_customer_chose_silences_all_whatever_the_policy_is(case: Circumstances, by: bool) -> None:
    chosen = msgspec.structs.replace(case, account=account(GovernanceMode.STRICT, set_by="U1"), policy_strict=by)
    assert decide(chosen).kind is DecisionKind.LOG


@given(CASES)
def test_in_the_operators_panic_mode_everything_is_logged_and_says_so(case: Circumstances) -> None:
    panicked = msgspec.structs.replace(case, operator_panic=True)
    assert decide(panicked).kind is DecisionKind.LOG
    assert decide(panicked).reason == (PAUSED if case.panic_mode else PANICKED)


@given(CASES)
def test_nothing_says_that_an_alert_was_suppressed_where_there_was_none(case: Circumstances) -> None:
    as_audit = msgspec.structs.replace(case, account=account(GovernanceMode.AUDIT))
    suppressed = decide(case).reason.startswith("Alert for account")
    assert not suppressed or decide(as_audit).kind is DecisionKind.ALERT

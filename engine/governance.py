"""Whether a person is told: the decision about a finding, with its reason in words."""

import msgspec

from engine.models.account import AwsAccount, GovernanceMode
from engine.models.anomaly import Decision, DecisionKind, Severity
from engine.models.verdict import Expectation, Snooze
from engine.scoring.thresholds import (
    PROMOTION_FALSE_POSITIVE_RATE,
    PROMOTION_VERDICTS,
    SAFETY_NET_MATURE,
    SAFETY_NET_SEEN,
    SAFETY_NET_YOUNG,
    YOUNG_DAYS,
)

PAUSED = "Alerting is paused."
PANICKED = "Alerting is paused for everybody, by the operator's policy."
EXPECTED = "Expected, as "
UNTOLD = frozenset({PAUSED, PANICKED})
_DAYS_PER_WEEK = 7


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a decision turns on. ``in_safety_net`` is True for a launch that ``safety_net`` caught.

    ``commitment`` is True for a purchase that cannot be given back: it is told as what the safety net caught is.
    ``certain`` is True for what is critical and so unusual that even a young account in audit mode tells it.
    ``operator_panic`` says that the operator's policy pauses alerting for everybody.
    ``policy_strict`` says that the operator's policy makes the account strict, whatever it is set to itself.
    ``unknown_price`` says that ``severity`` rests on prices of which some are not known.
    """

    account: AwsAccount
    severity: Severity
    anomalous: bool
    in_safety_net: bool
    young: bool
    certain: bool = False
    commitment: bool = False
    unknown_price: bool = False
    panic_mode: bool = False
    operator_panic: bool = False
    policy_strict: bool = False
    expectation: Expectation | None = None
    snooze: Snooze | None = None


def safety_net(launch_cost: float, *, seen: int, young: bool) -> bool:
    """Catch what is very expensive whatever the statistics say.

    ``launch_cost`` is USD per hour of all the resources of one record; ``seen`` how often this actor started this type.

    >>> safety_net(6.0, seen=0, young=True), safety_net(6.0, seen=0, young=False), safety_net(30.0, seen=3, young=False)
    (True, False, False)
    """
    floor = SAFETY_NET_YOUNG if young else SAFETY_NET_MATURE
    return seen < SAFETY_NET_SEEN and launch_cost >= floor


def decide(case: Circumstances) -> Decision:
    """Choose alert, digest or log.

    Only people silence the safety net: panic, an expectation, a snooze, a strict mode that the customer chose.

    >>> from engine.examples import new_account
    >>> decide(Circumstances(account=new_account(), severity=Severity.WARNING, anomalous=True, in_safety_net=True,
    ...     young=True)).kind
    <DecisionKind.ALERT: 'alert'>
    """
    silenced = _silenced_by_people(case)
    if silenced is not None:
        return Decision(DecisionKind.LOG, silenced, _is_always_told(case))
    told = _as_in_audit_mode(case)
    if told.kind is DecisionKind.LOG or not _is_strict(case):
        return told
    if told.safety_net and not _is_chosen_strict(case):
        return msgspec.structs.replace(told, reason=f"{told.reason} It came through strict mode.")
    return Decision(DecisionKind.LOG, _suppressed(case, told.kind), told.safety_net)


def _as_in_audit_mode(case: Circumstances) -> Decision:
    if _is_always_told(case):
        return Decision(DecisionKind.ALERT, _safety_net_reason(case), safety_net=True)
    if case.young and not case.certain:
        return Decision(DecisionKind.LOG, "The account is still being learned; only the safety net alerts.")
    return _as_scored(case)


def decide_weak(case: Circumstances) -> Decision:
    """Choose digest or log for evidence too weak to wake anybody.

    >>> from engine.examples import new_account
    >>> decide_weak(Circumstances(account=new_account(), severity=Severity.WARNING, anomalous=True,
    ...     in_safety_net=False, young=True)).kind
    <DecisionKind.LOG: 'log'>
    """
    decision = decide(case)
    if decision.kind is not DecisionKind.ALERT:
        return decision
    return Decision(DecisionKind.DIGEST, "It may still run, but its end may only not have been recorded.")


def _silenced_by_people(case: Circumstances) -> str | None:
    """What people announced has the first word: it would be silent without a pause too, so no pause held it back."""
    if case.expectation is not None:
        return f"{EXPECTED}{case.expectation.created_by} said."
    if case.panic_mode:
        return PAUSED
    if case.operator_panic:
        return PANICKED
    if case.snooze is not None:
        return f"Snoozed by {case.snooze.created_by}."
    return None


def _is_always_told(case: Circumstances) -> bool:
    return case.in_safety_net or case.commitment


def _is_chosen_strict(case: Circumstances) -> bool:
    return case.account.mode is GovernanceMode.STRICT and bool(case.account.mode_set_by)


def _is_strict(case: Circumstances) -> bool:
    return case.policy_strict or case.account.mode is GovernanceMode.STRICT


def _suppressed(case: Circumstances, kind: DecisionKind) -> str:
    """Say what strict mode did about what would have been an alert, or a line of the digest."""
    if _is_chosen_strict(case):
        by = f", chosen by {case.account.mode_set_by}"
    else:
        by = ", set by the operator's policy" if case.policy_strict else ""
    what = "Alert" if kind is DecisionKind.ALERT else "Line of the digest"
    return f"{what} for account {case.account.account_id} suppressed by strict mode{by}."


def _safety_net_reason(case: Circumstances) -> str:
    if case.commitment:
        return "A purchase for a term cannot be given back, so it is always told."
    if case.young:
        return f"Safety net: ${SAFETY_NET_YOUNG:.0f} an hour or more in an account that is still being learned."
    most = f"at most {SAFETY_NET_SEEN - 1} times before"
    return (
        f"Safety net: ${SAFETY_NET_MATURE:.0f} an hour or more at once, of a type that this actor has started {most}."
    )


def _as_scored(case: Circumstances) -> Decision:
    if not case.anomalous:
        return Decision(DecisionKind.LOG, "Nothing unusual.")
    if case.severity is Severity.INFO:
        return Decision(DecisionKind.DIGEST, "Unusual, but it costs too little to interrupt anyone.")
    if case.unknown_price:
        return Decision(DecisionKind.ALERT, "Unusual, with a price that is not known.")
    return Decision(DecisionKind.ALERT, "Unusual and expensive.")


def may_promote(*, history_days: float, expected: int, verdicts: int, alerts: int) -> bool:
    """Whether an account may leave strict mode: 14 days of history, and right often enough or quiet enough.

    ``alerts`` counts what alerted or would have in that history; ``expected`` of ``verdicts`` called it a false alarm.

    >>> may_promote(history_days=42, expected=0, verdicts=0, alerts=6)
    True
    >>> may_promote(history_days=42, expected=1, verdicts=5, alerts=6)
    False
    """
    if history_days < YOUNG_DAYS:
        return False
    if verdicts < PROMOTION_VERDICTS:
        return alerts <= history_days / _DAYS_PER_WEEK
    return expected / verdicts < PROMOTION_FALSE_POSITIVE_RATE

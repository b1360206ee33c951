"""Rules on trial: each stands behind a flag, off unless somebody turns it on, and says so of what it raises.

The safety net, purchases and what people said are decided before any flag is looked at, so that no flag silences them.
"""

from enum import StrEnum

import msgspec

from engine.models.anomaly import Decision, DecisionKind


class Flag(StrEnum):
    """Every rule on trial, by its name in ``flags.json``."""

    YOUNG_CREEP = "young_creep"


class FlagSet(msgspec.Struct, frozen=True):
    """What holds for one batch of one account: rules that are ``on``, and those that their breaker ``tripped``."""

    on: frozenset[Flag] = frozenset()
    tripped: frozenset[Flag] = frozenset()


NO_FLAGS = FlagSet()


def under_flag(flag: Flag, flags: FlagSet, plain: Decision, flagged: Decision) -> Decision:
    """Choose between the decision without a rule on trial and the one with it, which can only raise more.

    While its breaker holds the rule back, what it would have raised is marked, so that it can be replayed.

    >>> plain, more = Decision(DecisionKind.LOG, "Young."), Decision(DecisionKind.ALERT, "Expensive.")
    >>> under_flag(Flag.YOUNG_CREEP, NO_FLAGS, plain, more) is plain
    True
    >>> under_flag(Flag.YOUNG_CREEP, FlagSet(on=frozenset(Flag)), plain, more).kind
    <DecisionKind.ALERT: 'alert'>
    >>> under_flag(Flag.YOUNG_CREEP, FlagSet(tripped=frozenset(Flag)), plain, more).reason
    'Held back: the rule young_creep is on trial, and its circuit breaker switched it off.'
    """
    if plain.kind is DecisionKind.ALERT or flagged.kind is not DecisionKind.ALERT:
        return plain
    if flag in flags.on:
        return msgspec.structs.replace(flagged, flag=flag.value)
    if flag in flags.tripped:
        held = f"Held back: the rule {flag.value} is on trial, and its circuit breaker switched it off."
        return msgspec.structs.replace(plain, reason=held, flag=flag.value)
    return plain


def is_held(decision: Decision) -> bool:
    """Whether it would have been an alert, had the breaker of its rule not been open; a line of the digest it may be.

    >>> is_held(Decision(DecisionKind.LOG, "Held back.", flag="young_creep")), is_held(Decision(DecisionKind.LOG, ""))
    (True, False)
    """
    return bool(decision.flag) and decision.kind is not DecisionKind.ALERT

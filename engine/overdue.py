"""What should have ended by now: told in the digest, for nobody is woken by an end that may only not be recorded."""

from datetime import datetime

import msgspec

from engine import burn, runs
from engine.account_state import AccountState, Changes, note_joined
from engine.baselines.lifetimes import take_overdue
from engine.expected import note_expected
from engine.governance import decide_weak
from engine.grouping import circumstances
from engine.incidents import merge_signals, new_incident
from engine.models.anomaly import JUDGED, Anomaly, Decision, DecisionKind, Score, Severity
from engine.models.cost_event import CostEvent
from engine.patterns import matching_expectation
from engine.scoring.overrun import overrun

# A finding of its own has an id of its own: the record may have opened another incident when it came.
_APART = "overdue"


def note_overdue(now: datetime, state: AccountState, changes: Changes) -> None:
    """Tell each of it once. What an incident started is one more reason of that one, which goes on counting its burn.

    What is expected is only noted, with an id of its own too: the note of the launch itself may not be loaded any more.

    >>> from engine.examples import MONDAY, new_state
    >>> state = new_state()
    >>> note_overdue(MONDAY, state, Changes(baseline=state.baseline))
    """
    for watched in take_overdue(state.baseline, now):
        event = watched.event
        expectation = matching_expectation(event, state)
        if expectation is not None:
            note_expected(event, overrun(watched, now), expectation, state, changes, caught=False, apart=_APART)
            continue
        decision = decide_weak(circumstances(event, Severity.INFO, True, False, state))
        verdict, owner = overrun(watched, now), _owner(event, state)
        if owner is None:
            found = new_incident(event, verdict, decision, state.namespace, apart=_APART)
            _open(msgspec.structs.replace(found, detected_at=now), event, state, changes)
        elif owner.status not in JUDGED:
            burn.keep(_with_reason(owner, verdict, decision, now), state, changes)


def _owner(event: CostEvent, state: AccountState) -> Anomaly | None:
    """The incident that what was started belongs to: one that was only logged, for other launches are not watched."""
    owners = (state.anomalies.get(one.anomaly_id) for one in runs.known_resources(event, state) if one.running)
    return next((one for one in owners if one is not None), None)


def _open(found: Anomaly, event: CostEvent, state: AccountState, changes: Changes) -> None:
    note_joined(found, event.event_id, changes)
    runs.begin(event, state, changes, found)
    burn.keep(found, state, changes)


def _with_reason(owner: Anomaly, verdict: Score, decision: Decision, now: datetime) -> Anomaly:
    """What was told stays told; what was only logged may be worth a line in the digest now."""
    told = owner.decision.kind is not DecisionKind.LOG
    return msgspec.structs.replace(
        owner,
        score=max(owner.score, verdict.value),
        signals=merge_signals(owner.signals, verdict.signals),
        decision=owner.decision if told else msgspec.structs.replace(decision, safety_net=owner.decision.safety_net),
        detected_at=owner.detected_at if told else now,
        revision=owner.revision + 1,
    )

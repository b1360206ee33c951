"""What an expectation keeps silent: a note of it is kept, so that whoever asks is told what was decided, and why."""

from msgspec.structs import replace

from engine.account_state import AccountState, Changes, note_joined
from engine.burn import keep
from engine.governance import decide
from engine.grouping import circumstances
from engine.incidents import grow, is_near, new_incident
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind, Score
from engine.models.cost_event import CostEvent
from engine.models.verdict import Expectation
from engine.scoring.thresholds import ANOMALOUS

# A note of its own has an id of its own: after an expectation ended, the same record may open an incident.
_APART = "expected"


def note_expected(
    event: CostEvent,
    verdict: Score,
    expectation: Expectation,
    state: AccountState,
    changes: Changes,
    *,
    caught: bool,
    apart: str = "",
) -> None:
    """Note a launch of which people would have been told, had nobody announced it; one note for what is done in one go.

    ``caught`` says that the safety net would have caught it. ``apart`` tells the note from one of the same launch that
    was made for another reason, and lets nothing be joined. A note is no incident: nothing joins one because of it,
    no resource belongs to it, so that all that is dearer than was announced is told as if there was no note; and it
    follows no burn.

    >>> from engine.examples import MONDAY, incident, launch, new_state
    >>> from engine.verdicts import expectation_of
    >>> state = new_state()
    >>> said = expectation_of(incident(launch()), expectation_id="x", user_id="U1", now=MONDAY)
    >>> note_expected(launch(), Score(2.0), said, state, Changes(baseline=state.baseline), caught=False)
    >>> [(one.status.value, one.decision.reason) for one in state.anomalies.values()]
    [('expected', 'Expected, as U1 said.')]
    """
    if verdict.value < ANOMALOUS and not caught:
        return
    known = None if apart else _find_note(event, expectation, state)
    if known is None:
        opened = Decision(DecisionKind.LOG, "", safety_net=False)
        grown = new_incident(event, verdict, opened, state.namespace, apart=f"{_APART}/{apart}" if apart else _APART)
    else:
        grown = grow(known, event, verdict)
    note_joined(grown, event.event_id, changes)
    caught = caught or grown.decision.safety_net
    case = circumstances(event, grown.severity, grown.score >= ANOMALOUS, caught, state)
    keep(_as_note(grown, decide(replace(case, expectation=expectation)), expectation), state, changes)


def _find_note(event: CostEvent, expectation: Expectation, state: AccountState) -> Anomaly | None:
    """The note of what this actor did within the hour under the same expectation."""
    near = [
        one
        for one in state.anomalies.of_actor(event.actor.key)
        if one.is_covered and one.expectation_id == expectation.expectation_id and is_near(event, one)
    ]
    return max(near, key=lambda one: (one.last_event_time, one.anomaly_id), default=None)


def _as_note(grown: Anomaly, decision: Decision, expectation: Expectation) -> Anomaly:
    return replace(
        grown,
        status=AnomalyStatus.EXPECTED,
        expectation_id=expectation.expectation_id,
        decision=decision,
        running_ids=(),
        running_hourly_cost=0.0,
        burnt_usd=0.0,
    )

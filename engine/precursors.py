"""What becomes of precursors: findings of severity info for the digest, and a word on the incident they came before.

Nobody is woken by a precursor. A failed launch alone is not even mentioned; several by one actor within minutes are.
"""

import math
import uuid
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from engine.account_state import AccountState, Changes, note_joined
from engine.maturity import is_young
from engine.models.account import GovernanceMode
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind, Line, Severity, Signal
from engine.models.cost_event import Change, CostEvent
from engine.models.precursor import Precursor, PrecursorKind
from engine.scoring.sentences import most_frequent

FAILURES_WORTH_TELLING = 3
_WINDOW = timedelta(minutes=10)
_NAMESPACE = uuid.UUID("5e0c2b55-9c0f-4f0e-8f5f-0a3a8f2f3d6b")
_KINDS = frozenset(PrecursorKind)
_MOST_IDS = 1000


def note_precursor(precursor: Precursor, state: AccountState, changes: Changes) -> None:
    """Keep a precursor as a finding; failed launches by one actor that follow each other within minutes are one.

    A precursor seen before changes nothing.

    >>> from engine.examples import MONDAY, launch, new_state
    >>> from engine.models.precursor import PrecursorKind
    >>> state = new_state()
    >>> asked = Precursor(kind=PrecursorKind.QUOTA_INCREASE, event_id="e-1", account_id="1", event_time=MONDAY,
    ...     region="eu-west-1", service="servicequotas", actor=launch().actor, text="ci asked for more.")
    >>> note_precursor(asked, state, Changes(baseline=state.baseline))
    >>> [one.signals[0].text for one in state.anomalies.values()]
    ['ci asked for more.']
    """
    before = list(_findings(state, precursor.kind, precursor.actor.key))
    if any(precursor.event_id in one.event_ids for one in before):
        return
    series = precursor.kind is PrecursorKind.FAILED_LAUNCH
    joined = next((one for one in before if series and _is_near(precursor, one)), None)
    finding = _opened(precursor, state) if joined is None else _grown(joined, precursor)
    decided = msgspec.structs.replace(finding, decision=_decision(precursor.kind, len(finding.event_ids), state))
    state.anomalies[decided.anomaly_id] = changes.anomalies[decided.anomaly_id] = decided
    note_joined(decided, precursor.event_id, changes)


def is_precursor(anomaly: Anomaly) -> bool:
    """Whether a finding is about precursors: it has no cost, and nothing joins or ends it.

    >>> from engine.examples import incident, launch
    >>> is_precursor(incident(launch()))
    False
    """
    return anomaly.lines[0].resource_type in _KINDS


def first_use(event: CostEvent, state: AccountState) -> Precursor | None:
    """Give the precursor that a start in a Region without any launch before is, in an account that is well known.

    >>> from engine.examples import launch, new_state
    >>> first_use(launch(), new_state()) is None
    True
    """
    regions = state.baseline.regions
    if event.change is not Change.START or not regions or event.region in regions:
        return None
    if is_young(state.baseline, event.event_time):
        return None
    usual = f"; this account usually runs in {most_frequent(regions)}"
    return Precursor(
        kind=PrecursorKind.FIRST_USE_OF_REGION,
        event_id=event.event_id,
        account_id=event.account_id,
        event_time=event.event_time,
        region=event.region,
        service=event.service,
        actor=event.actor,
        text=f"{event.actor.name} started {event.resource_type} in {event.region}, never used before{usual}.",
        source_ip=event.source_ip,
    )


def with_failed_launches(anomaly: Anomaly, event: CostEvent, state: AccountState) -> Anomaly:
    """Say on an incident that its actor failed to launch several times just before; the score stays as it is.

    >>> from engine.examples import incident, launch, new_state
    >>> with_failed_launches(incident(launch()), launch(), new_state()) == incident(launch())
    True
    """
    kind = PrecursorKind.FAILED_LAUNCH
    series = [one for one in _findings(state, kind, event.actor.key) if _came_before(event, one)]
    failed = sum(len(one.event_ids) for one in series)
    if failed < FAILURES_WORTH_TELLING or any(one.name == kind for one in anomaly.signals):
        return anomaly
    first = min(one.first_event_time for one in series)
    minutes = max(1, math.ceil((event.event_time - first).total_seconds() / 60))
    text = f"{failed} launches by this actor failed in the {'minute' if minutes == 1 else f'{minutes} minutes'} before."
    return msgspec.structs.replace(anomaly, signals=(*anomaly.signals, Signal(kind, 0.0, text)))


def _findings(state: AccountState, kind: PrecursorKind, actor_key: str) -> Iterable[Anomaly]:
    return (one for one in state.anomalies.of_actor(actor_key) if one.lines[0].resource_type == kind)


def _came_before(event: CostEvent, finding: Anomaly) -> bool:
    """Whether a series of failures went on until shortly before the event, however long ago it began."""
    return timedelta(0) <= event.event_time - finding.last_event_time <= _WINDOW


def _is_near(precursor: Precursor, finding: Anomaly) -> bool:
    start, end = finding.first_event_time - _WINDOW, finding.last_event_time + _WINDOW
    return start <= precursor.event_time <= end


def _decision(kind: PrecursorKind, count: int, state: AccountState) -> Decision:
    is_silenced = state.panic_mode or state.operator_panic
    if is_silenced or state.policy_strict or state.account.mode is GovernanceMode.STRICT:
        return Decision(DecisionKind.LOG, "A precursor, which costs nothing; only the safety net is told now.")
    if kind is PrecursorKind.FAILED_LAUNCH and count < FAILURES_WORTH_TELLING:
        return Decision(DecisionKind.LOG, "A launch that failed costs nothing.")
    return Decision(DecisionKind.DIGEST, "It costs nothing, but often comes before something that does.")


def _opened(precursor: Precursor, state: AccountState) -> Anomaly:
    """A finding that is over as soon as it is made: nothing runs, so nothing has to be stopped."""
    name = f"{state.namespace}/{precursor.account_id}/{precursor.kind}/{precursor.event_id}"
    at = precursor.event_time
    return Anomaly(
        anomaly_id=str(uuid.uuid5(_NAMESPACE, name)),
        account_id=precursor.account_id,
        actor=precursor.actor,
        status=AnomalyStatus.RESOLVED,
        severity=Severity.INFO,
        score=0.0,
        signals=(Signal(precursor.kind, 0.0, precursor.text),),
        decision=Decision(DecisionKind.LOG, ""),
        event_ids=(precursor.event_id,),
        lines=(Line(precursor.service, precursor.kind, precursor.region, 1, 0.0),),
        resources=(),
        running_ids=(),
        hourly_cost=0.0,
        running_hourly_cost=0.0,
        unknown_price=False,
        first_event_time=at,
        last_event_time=at,
        detected_at=at,
        source_ip=precursor.source_ip,
        burning_since=at,
        ended_at=at,
    )


def _grown(finding: Anomaly, precursor: Precursor) -> Anomaly:
    line = finding.lines[0]
    last = max(finding.last_event_time, precursor.event_time)
    return msgspec.structs.replace(
        finding,
        event_ids=(*finding.event_ids, precursor.event_id)[:_MOST_IDS],
        lines=(msgspec.structs.replace(line, quantity=line.quantity + 1),),
        signals=(Signal(precursor.kind, 0.0, precursor.text),),
        first_event_time=min(finding.first_event_time, precursor.event_time),
        last_event_time=last,
        ended_at=last,
        revision=finding.revision + 1,
    )

"""Which incident a cost event belongs to, and whether people are told of it."""

import msgspec

from engine import runs
from engine.account_state import AccountState, Changes, note_joined
from engine.baselines.activity import take_recent
from engine.cloudtrail.trial import flag_of
from engine.flags import Flag, is_held, under_flag
from engine.governance import Circumstances, decide
from engine.incidents import extend, find_incident, grow, is_led_by, is_of_a_kind, new_incident
from engine.lessons import is_told, times_seen
from engine.maturity import history_days, is_young
from engine.models.anomaly import Anomaly, Decision, DecisionKind, Score, Severity, Signal
from engine.models.cost_event import CostEvent
from engine.patterns import matching_snooze
from engine.scoring.sentences import speak_as_first
from engine.scoring.thresholds import ANOMALOUS, JOIN_SCORE, SAFETY_NET_SEEN, YOUNG_ANOMALOUS, YOUNG_KNOWN_DAYS

_SAFETY_NET = "safety_net"


def group(event: CostEvent, verdict: Score, caught: bool, state: AccountState, changes: Changes) -> Anomaly | None:
    """Give the incident with this event in it, or None when there is nothing to tell or keep.

    ``caught`` says that the safety net caught the launch. What an expectation covers belongs to no incident:
    ``engine.expected`` notes it.

    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> group(launch(), Score(0.1), False, state, Changes(baseline=state.baseline)) is None
    True
    """
    anomalous = verdict.value >= ANOMALOUS
    incident = find_incident(event, state, verdict)
    if not (anomalous or caught or (incident is not None and _belongs(event, verdict, incident, state))):
        return None
    if incident is None:
        opened = Decision(DecisionKind.LOG, "", safety_net=False)
        grown = new_incident(event, verdict, opened, state.namespace)
    else:
        since = int(min(incident.first_event_time, event.event_time).timestamp())
        spoken = speak_as_first(verdict.signals, event, state.baseline, since)
        all_new = not runs.known_resources(event, state)
        grown = grow(incident, event, msgspec.structs.replace(verdict, signals=spoken), all_new=all_new)
    note_joined(grown, event.event_id, changes)
    return _decided(_with_recent(grown, event, verdict, state, changes), incident, event, caught, state)


def _belongs(event: CostEvent, verdict: Score, incident: Anomaly, state: AccountState) -> bool:
    """What is not worth a card by itself joins if it is unusual too, or more of the same that its actor hardly does."""
    if verdict.value >= JOIN_SCORE:
        return True
    hardly = times_seen(event, state) < SAFETY_NET_SEEN
    return is_of_a_kind(event, incident) and (hardly or is_led_by(incident, "burst"))


def _with_recent(grown: Anomaly, event: CostEvent, verdict: Score, state: AccountState, changes: Changes) -> Anomaly:
    """A burst began before it was noticed: the last hour's starts of the same kind belong to it."""
    if verdict.value < ANOMALOUS or not _is_run(event, verdict, state):
        return grown
    for earlier in take_recent(state.baseline, event):
        if _is_in(earlier, grown, state):
            continue
        grown = grow(grown, earlier, Score(0.0))
        note_joined(grown, earlier.event_id, changes)
        runs.begin(earlier, state, changes, grown)
    return grown


def _is_in(earlier: CostEvent, grown: Anomaly, state: AccountState) -> bool:
    """What was logged was learned too, so it may come up as recent again: its burn is counted already."""
    known = runs.known_resources(earlier, state)
    if not known:
        return earlier.event_id in grown.event_ids
    return any(one.anomaly_id == grown.anomaly_id for one in known)


def _is_run(event: CostEvent, verdict: Score, state: AccountState) -> bool:
    """Whether it is a burst, or a creep so fast that it is half a burst too.

    In a young account a creep tells nobody, and what it took would be missing in the burst it may become.
    """
    if verdict.signals and verdict.signals[0].name == "burst":
        return True
    fast = any(signal.name == "burst" and signal.contribution >= JOIN_SCORE for signal in verdict.signals)
    return fast and not is_young(state.baseline, event.event_time)


def _decided(grown: Anomaly, before: Anomaly | None, event: CostEvent, caught: bool, state: AccountState) -> Anomaly:
    """Decide on a group that has grown; once people were told, what joins is withheld too."""
    told_before = before is not None and is_told(before)
    decision = grown.decision
    if not told_before or (caught and not decision.safety_net):
        anew = _decision(event, grown, caught or decision.safety_net, state)
        # What was to be told stays so; that the net caught it by now keeps its card from being held back.
        keeps = told_before or (is_held(decision) and not anew.flag)
        decision = decision if keeps and anew.kind is not DecisionKind.ALERT else anew
    withheld = grown.withheld_event_ids
    told = decision.kind is DecisionKind.ALERT
    if told:
        withheld = extend(withheld, event.event_id)
    return msgspec.structs.replace(
        grown,
        decision=decision,
        signals=grown.signals or _reason_alone(decision),
        withheld_event_ids=withheld,
        detected_at=event.event_time if told and not told_before else grown.detected_at,
    )


def _reason_alone(decision: Decision) -> tuple[Signal, ...]:
    """What the safety net catches may be nothing unusual otherwise; an alert without a reason helps nobody."""
    return (Signal(_SAFETY_NET, 1.0, decision.reason),) if decision.kind is DecisionKind.ALERT else ()


def _decision(event: CostEvent, grown: Anomaly, caught: bool, state: AccountState) -> Decision:
    """Decide as of a parser that has graduated; without the one on trial only the safety net would have told."""
    decided = _as_graduated(event, grown, caught, state)
    flag = flag_of(event)
    if flag is None or decided.safety_net:
        return decided
    return under_flag(flag, state.flags, Decision(DecisionKind.LOG, "Its parser is on trial."), decided)


def _as_graduated(event: CostEvent, grown: Anomaly, caught: bool, state: AccountState) -> Decision:
    found = circumstances(event, grown.severity, grown.score >= ANOMALOUS, caught, state)
    case = msgspec.structs.replace(found, unknown_price=grown.unknown_price)
    if not _is_certain(grown, event, state):
        return decide(case)
    certain = decide(msgspec.structs.replace(case, certain=True))
    if not is_led_by(grown, "creep"):
        return certain
    return under_flag(Flag.YOUNG_CREEP, state.flags, decide(case), certain)


def _is_certain(grown: Anomaly, event: CostEvent, state: AccountState) -> bool:
    """What is critical and clearly unusual to all that some days could show.

    A creep takes longer to know, so that to believe one is a rule on trial.
    """
    return (
        grown.severity is Severity.CRITICAL
        and grown.score >= YOUNG_ANOMALOUS
        and history_days(state.baseline, event.event_time) >= YOUNG_KNOWN_DAYS
    )


def circumstances(
    event: CostEvent, severity: Severity, anomalous: bool, caught: bool, state: AccountState
) -> Circumstances:
    """What deciding about an event has to know.

    >>> from engine.examples import launch, new_state
    >>> circumstances(launch(), Severity.INFO, True, False, new_state()).young
    True
    """
    now = event.event_time
    return Circumstances(
        account=state.account,
        severity=severity,
        anomalous=anomalous,
        in_safety_net=caught,
        young=is_young(state.baseline, now),
        commitment=event.is_commitment,
        panic_mode=state.panic_mode,
        operator_panic=state.operator_panic,
        policy_strict=state.policy_strict,
        snooze=matching_snooze(event, state, now),
    )

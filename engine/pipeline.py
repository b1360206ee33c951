"""The way of one record through the engine: resolve, price, score, group, decide, learn.

The state and the changes are working copies of one batch, in memory; nothing here touches anything else.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from engine import burn, runs
from engine.account_state import AccountState, Anomalies, Changes, Scored
from engine.baselines.lifetimes import take_overdue
from engine.baselines.observe import note_event
from engine.counting import trim
from engine.expected import note_expected
from engine.governance import safety_net
from engine.grouping import group
from engine.lessons import Judged, learn_all, note_ends, times_seen, withhold_all
from engine.limits import end_reached, note_limit
from engine.look import look
from engine.maturity import is_young
from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.cost_event import Change, CostEvent
from engine.models.precursor import Precursor
from engine.models.resource import Resource
from engine.overdue import note_overdue
from engine.patterns import is_within_total, matching_expectation
from engine.peace import live_in_peace
from engine.precursors import first_use, note_precursor, with_failed_launches
from engine.pricing.estimate import Prices, estimate
from engine.resizing import resize
from engine.resolution import resolve
from engine.scoring import score
from engine.scoring.harmless import is_harmless
from engine.scoring.sensitivity import sensitivity_of
from engine.scoring.thresholds import SAFETY_NET_SEEN, SAFETY_NET_YOUNG
from engine.snapshots import note_snapshots, with_earlier

_REMEMBERED = timedelta(hours=2)


class _Part(msgspec.Struct, frozen=True):
    """One part of a record as it is judged: what it adds, and USD an hour of the record.

    ``unfamiliar`` are those that are not well known, ``unannounced`` those of them that nobody expects, ``whole`` all.
    """

    growth: CostEvent
    unfamiliar: float
    unannounced: float
    whole: float


def start_changes(state: AccountState) -> Changes:
    """Begin a batch: nothing changed yet.

    >>> from engine.examples import new_state
    >>> start_changes(new_state()).cost_events
    []
    """
    return Changes(baseline=state.baseline)


def advance(record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices) -> None:
    """Judge one record's cost events, as ``parse`` gave them, and write what follows into state and changes.

    A record is one launch: all its parts are judged by what was known before it, and are learned or withheld together.
    What is within a total that people announced teaches nothing: the first launch beyond it is to be as new as ever.

    >>> from engine.examples import FlatPrices, launch, new_state
    >>> state = new_state()
    >>> changes = start_changes(state)
    >>> advance([launch()], state, changes, FlatPrices())
    >>> state.baseline.launches, changes.cost_events[0].price_source
    (1, 'list')
    """
    note_snapshots(record, state, changes)
    record = with_earlier(record, state)
    if live_in_peace(record, state, changes, prices):
        return
    if record:
        note_overdue(record[0].event_time, state, changes)
    opening = _first_use(record, state)
    judged = _live_through(record, state, changes, prices)
    if opening is not None and all(one.anomaly is None for one in judged):
        note_precursor(opening, state, changes)
    if any(one.is_told for one in judged):
        withhold_all(state, judged)
    else:
        learn_all([one for one in judged if not one.announced], state, changes)
    changes.baseline = state.baseline


def learn_history(records: Iterable[Sequence[CostEvent]], state: AccountState, prices: Prices) -> tuple[Changes, int]:
    """Live through old records in order: everything is learned, nothing alerts, for nobody can be asked any more.

    Gives the changes without any anomaly, and how many cards the history would have raised, in the account's mode,
    once it was known well.

    >>> from engine.examples import FlatPrices, launch, new_state
    >>> changes, alerts = learn_history([[launch()]], new_state(), FlatPrices())
    >>> changes.baseline.launches, alerts
    (1, 0)
    """
    past = msgspec.structs.replace(state, anomalies=Anomalies(), panic_mode=False, operator_panic=False)
    changes, told = start_changes(past), set[str]()
    for record in records:
        note_snapshots(record, past, changes)
        told_before = with_earlier(record, past)
        if not live_in_peace(told_before, past, changes, prices):
            judged = _live_through(told_before, past, changes, prices)
            told |= _told_when_mature(judged, past)
            learn_all(judged, past, changes)
        _forget_old(past, record)
    state.baseline = past.baseline
    kept = {key: _without_history(one, state) for key, one in changes.resources.items()}
    state.resources.update(kept)
    return Changes(baseline=past.baseline, cost_events=changes.cost_events, resources=kept), len(told)


def _told_when_mature(judged: Sequence[Judged], past: AccountState) -> set[str]:
    return {
        one.anomaly.anomaly_id
        for one in judged
        if one.anomaly is not None and one.is_told and not is_young(past.baseline, one.event.event_time)
    }


def _forget_old(past: AccountState, record: Sequence[CostEvent]) -> None:
    """Incidents that nothing can join any more would only slow the next look; ends missed long ago are no news."""
    now = max((event.event_time for event in record), default=None)
    if now is not None:
        take_overdue(past.baseline, now)
        for anomaly_id in [key for key, one in past.anomalies.items() if now - one.last_event_time > _REMEMBERED]:
            del past.anomalies[anomaly_id]


def _without_history(resource: Resource, state: AccountState) -> Resource:
    """Incidents of the past are not stored, so nothing may belong to them; what is going on now stays."""
    if resource.anomaly_id in state.anomalies:
        return resource
    return msgspec.structs.replace(resource, anomaly_id="", usual_cost=0.0)


def _live_through(record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices) -> list[Judged]:
    """Write down what a record did, all but what can be learned from it."""
    if record:
        end_reached(record[0].event_time, state, changes)
    events = [estimate(part, prices) for event in record for part in resolve(event, state.resources)]
    if any(event.change is not Change.STOP for event in events):
        return _start_all(events, state, changes)
    for event in events:
        _end(event, state, changes)
    return []


def _start_all(events: Sequence[CostEvent], state: AccountState, changes: Changes) -> list[Judged]:
    """Live through what starts or changes something, and may end something besides."""
    fresh = [runs.without_running(event, state) for event in events]
    for event in events:
        runs.note_restarts(event, state, changes)
    growths = [runs.increase(event, state) for event in fresh]
    whole = _whole_cost(growths)
    unfamiliar, unannounced = _unfamiliar_costs(growths, state) if whole >= SAFETY_NET_YOUNG else (0.0, 0.0)
    judged = []
    for event, growth in zip(fresh, growths, strict=True):
        if event.change is Change.STOP:
            _end(event, state, changes)
            continue
        changes.cost_events.append(event)
        note_event(state.baseline, event)
        if event.change is Change.MODIFY and growth.hourly_cost == 0.0:
            resize(event, 0.0, None, state, changes)
            trim(event, state, changes)
        elif event.quantity:
            announced = is_within_total(growth, state)
            anomaly = _judge(event, _Part(growth, unfamiliar, unannounced, whole), state, changes)
            judged.append(Judged(event, growth, anomaly, announced))
    return judged


def _end(event: CostEvent, state: AccountState, changes: Changes) -> None:
    changes.cost_events.append(runs.with_ended_cost(event, state))
    note_event(state.baseline, event)
    note_ends(event, state, changes)
    burn.end(event, state, changes)


def _judge(event: CostEvent, part: _Part, state: AccountState, changes: Changes) -> Anomaly | None:
    """Score a start or growth, and join or open an incident; None when there is nothing to tell or keep."""
    growth = part.growth
    looked = _look(part, state) if changes.scored is not None else None
    anomaly = None if _is_peaceful(part, state) else _found(part, state, changes)
    if event.change is Change.MODIFY:
        anomaly = resize(event, growth.hourly_cost or 0.0, anomaly, state, changes)
    elif not event.is_commitment:
        runs.begin(event, state, changes, anomaly)
        note_limit(event, state)
        anomaly = anomaly and burn.close_late(anomaly, event, state)
    if anomaly is not None:
        anomaly = with_failed_launches(anomaly, event, state)
        burn.keep(anomaly, state, changes)
    if looked is not None and changes.scored is not None:
        told = anomaly is not None and anomaly.decision.kind is DecisionKind.ALERT
        changes.scored.append(msgspec.structs.replace(looked, told=told))
    return anomaly


def _look(part: _Part, state: AccountState) -> Scored:
    sensitivity = sensitivity_of(part.growth, state.account.sensitivities)
    looked = look(part.growth, state.baseline, part.whole, sensitivity)
    return msgspec.structs.replace(looked, in_safety_net=_is_caught(part.growth, part.unannounced, state))


def _is_peaceful(part: _Part, state: AccountState) -> bool:
    """Whether there surely is nothing to tell or keep, as of nearly every launch: then nothing needs to be scored."""
    return (
        not part.unannounced
        and not state.account.sensitivities
        and not state.anomalies.of_actor(part.growth.actor.key)
        and is_harmless(part.growth, state.baseline, part.whole)
    )


def _found(part: _Part, state: AccountState, changes: Changes) -> Anomaly | None:
    growth = part.growth
    sensitivity = sensitivity_of(growth, state.account.sensitivities)
    verdict = score(growth, state.baseline, launch_cost=part.whole, sensitivity=sensitivity)
    expectation = matching_expectation(growth, state)
    if expectation is not None:
        caught = _is_caught(growth, part.unfamiliar, state)
        note_expected(growth, verdict, expectation, state, changes, caught=caught)
        return None
    return group(growth, verdict, _is_caught(growth, part.unannounced, state), state, changes)


def _unfamiliar_costs(launch: Sequence[CostEvent], state: AccountState) -> tuple[float, float]:
    """USD an hour of those parts of a record that are not well known, and of those of them that nobody expects.

    The safety net is for the latter. Nearly every launch costs less than it ever catches, so that this needs no look.
    """
    unfamiliar = unannounced = 0.0
    for number, part in enumerate(launch):
        if part.change is not Change.STOP and times_seen(part, state) < SAFETY_NET_SEEN:
            cost = part.hourly_cost or 0.0
            unfamiliar += cost
            unannounced += cost if matching_expectation(part, state, launch[:number]) is None else 0.0
    return unfamiliar, unannounced


def _first_use(record: Sequence[CostEvent], state: AccountState) -> Precursor | None:
    """What a record foretells because its Region is new; nearly all are in Regions that are known."""
    for event in record:
        if event.region not in state.baseline.regions and (found := first_use(event, state)):
            return found
    return None


def _whole_cost(launch: Sequence[CostEvent]) -> float:
    return sum(part.hourly_cost or 0.0 for part in launch if part.change is not Change.STOP)


def _is_caught(event: CostEvent, launch_cost: float, state: AccountState) -> bool:
    if launch_cost < SAFETY_NET_YOUNG:
        return False
    young = is_young(state.baseline, event.event_time)
    return safety_net(launch_cost, seen=times_seen(event, state), young=young)

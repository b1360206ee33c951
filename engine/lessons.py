"""What the baseline learns from a record: all of it, or nothing when people are asked first."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from engine import runs
from engine.account_state import AccountState, Changes
from engine.baselines.activity import forget_recent, note_start
from engine.baselines.alerted import note_alerted
from engine.baselines.learn import shift
from engine.baselines.lifetimes import note_lifetime, unwatch, watch
from engine.baselines.model import Cell, pair_key
from engine.baselines.told import days_told, note_told
from engine.counting import count, uncount
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.cost_event import CostEvent
from engine.models.resource import plain_id

_HOUR = timedelta(hours=1)
_UNSEEN = Cell()


class Judged(msgspec.Struct, frozen=True):
    """A start or change, what it added, the incident it was put into, and whether it is within an announced total."""

    event: CostEvent
    growth: CostEvent
    anomaly: Anomaly | None
    announced: bool = False

    @property
    def is_told(self) -> bool:
        """Whether a card speaks of it."""
        return self.anomaly is not None and is_told(self.anomaly)


def is_told(anomaly: Anomaly) -> bool:
    """Whether people are told of an incident.

    >>> from engine.examples import incident, launch
    >>> is_told(incident(launch()))
    True
    """
    return anomaly.decision.kind is DecisionKind.ALERT


def learn_all(judged: Sequence[Judged], state: AccountState, changes: Changes) -> None:
    """Learn everything that a record started.

    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> learn_all([Judged(launch(), launch(), None)], state, Changes(baseline=state.baseline))
    >>> state.baseline.launches
    1
    """
    for one in judged:
        shift(state.baseline, one.event, 1)
        if not one.event.is_commitment:
            note_start(state.baseline, one.growth, told=False)
            count(one.growth, state, changes)
            watch(state.baseline, one.growth)
            _note_ended_before(one.event, state)


def _note_ended_before(event: CostEvent, state: AccountState) -> None:
    """The end of what started here may have come first: then it runs no more, and nobody waits for it to end."""
    ids = {plain_id(one) for one in runs.known_resources(event, state) if not one.running}
    if ids:
        unwatch(state.baseline, ids)
        forget_recent(state.baseline, ids)


def withhold_all(state: AccountState, judged: Sequence[Judged]) -> None:
    """Nothing of it becomes normal before somebody says so; only that people know of it is remembered.

    More of what somebody called not expected is not even that: it must be told again.

    >>> from engine.examples import incident, launch, new_state
    >>> state = new_state()
    >>> withhold_all(state, [Judged(launch(), launch(), incident(launch()))])
    >>> state.baseline.launches, state.baseline.told["ci | m5.large"].days
    (0, 1)
    """
    for one in judged:
        note_start(state.baseline, one.growth, told=True)
        note_alerted(state.baseline, one.event)
        if one.anomaly is not None and is_told(one.anomaly) and one.anomaly.status is not AnomalyStatus.UNEXPECTED:
            note_told(state.baseline, one.event, one.anomaly.hourly_cost)


def note_ends(event: CostEvent, state: AccountState, changes: Changes) -> None:
    """What ends is no part of what its starter runs any more, and tells how long such things live.

    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> note_ends(launch(), state, Changes(baseline=state.baseline))
    """
    baseline, ended = state.baseline, set(event.resource_ids)
    running = [one for one in runs.known_resources(event, state) if one.running and one.since <= event.event_time]
    for known in running:
        uncount(known, state, changes)
    if running:
        first = running[0]
        age = event.event_time - first.since
        note_lifetime(baseline, first.actor_key, first.resource_type, age / _HOUR)
        unwatch(baseline, ended)
        if age <= _HOUR:
            forget_recent(baseline, ended)


def times_seen(event: CostEvent, state: AccountState) -> int:
    """How often this actor started this type, where a day on which a card told of it counts as once.

    >>> from engine.examples import launch, new_state
    >>> times_seen(launch(), new_state())
    0
    """
    seen = state.baseline.pairs.get(pair_key(event.actor.key, event.resource_type), _UNSEEN).count
    return seen + days_told(state.baseline, event)

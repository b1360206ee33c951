"""What records of snapshots tell of other things: of what was copied, and of the incident that started that."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from engine.account_state import AccountState, Changes
from engine.burn import keep
from engine.models.caution import Caution, CautionKind
from engine.models.cost_event import Change, CostEvent
from engine.models.resource import Resource, resource_key, waiting_key
from engine.remediation.preflight import merge_cautions
from engine.resolution import MAKES_WHAT_IS_COPIED
from engine.runs import known_resources, remember, resource_of

_Cautions = tuple[Caution, ...]
_SNAPSHOTS = frozenset({"ebs_snapshot", "db_snapshot", "db_cluster_snapshot"})


def note_snapshots(record: Sequence[CostEvent], state: AccountState, changes: Changes) -> None:
    """Let what was copied, and its incident, know of a snapshot that was made, or is no more.

    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> note_snapshots([launch()], state, changes)
    >>> changes.resources
    {}
    """
    for event in record:
        if event.cautions:
            _note_made(event, state, changes)
        if event.change is Change.STOP and event.resource_type in _SNAPSHOTS:
            _note_deleted(event, state, changes)


def copied_keys(resources: Mapping[str, Resource]) -> set[str]:
    """The keys of what the snapshots among these resources were made of: they are to hear when those are deleted.

    >>> copied_keys({})
    set()
    """
    return {
        key(one.region, one.service, caution.of)
        for one in resources.values()
        for caution in one.cautions
        if caution.of
        for key in (resource_key, waiting_key)
    }


def with_earlier(record: Sequence[CostEvent], state: AccountState) -> Sequence[CostEvent]:
    """Let what starts know of its snapshots whose records came before its own.

    >>> from engine.examples import launch, new_state
    >>> len(with_earlier([launch()], new_state()))
    1
    """
    if not any(event.event_name in MAKES_WHAT_IS_COPIED for event in record):
        return record
    return [_with_earlier(event, state) for event in record]


def _with_earlier(event: CostEvent, state: AccountState) -> CostEvent:
    """Of what bore the same name before, and is gone, there may be older ones."""
    found = event.cautions
    for resource_id in event.resource_ids:
        waiting = state.resources.get(waiting_key(event.region, event.service, resource_id))
        if waiting is not None and event.change is Change.START:
            found = merge_cautions(found, [one for one in waiting.cautions if one.at and one.at >= event.event_time])
    return event if found == event.cautions else replace(event, cautions=found)


def _note_made(event: CostEvent, state: AccountState, changes: Changes) -> None:
    """A snapshot whose deletion came before it is none any more."""
    over = [one.resource_id for one in known_resources(event, state) if _is_over(one, event)]
    for caution in event.cautions:
        if caution.of and not any(caution.name and key.endswith(caution.name) for key in over):
            _retell(event, caution.of, partial(merge_cautions, more=(caution,)), state, changes)


def _is_over(snapshot: Resource, event: CostEvent) -> bool:
    return snapshot.stopped_at is not None and snapshot.stopped_at >= event.event_time


def _note_deleted(event: CostEvent, state: AccountState, changes: Changes) -> None:
    for snapshot in known_resources(event, state):
        for gone in snapshot.cautions:
            if gone.kind is CautionKind.SNAPSHOT:
                _retell(event, gone.of, partial(_without, gone=gone), state, changes)


def _without(told: _Cautions, gone: Caution) -> _Cautions:
    return tuple(one for one in told if (one.kind, one.name, one.of) != (gone.kind, gone.name, gone.of))


def _retell(
    event: CostEvent, copied: str, change: Callable[[_Cautions], _Cautions], state: AccountState, changes: Changes
) -> None:
    known = state.resources.get(resource_key(event.region, event.service, copied))
    if known is None:
        known = _waiting(event, copied, state)
    if (told := change(known.cautions)) != known.cautions:
        remember(replace(known, cautions=told), state, changes)
    anomaly = state.anomalies.get(known.anomaly_id)
    if anomaly is not None and (told := change(anomaly.cautions)) != anomaly.cautions:
        keep(replace(anomaly, cautions=told, revision=anomaly.revision + 1), state, changes)


def _waiting(event: CostEvent, copied: str, state: AccountState) -> Resource:
    """What is known of the snapshots of something that was not seen yet: kept like a resource that does not run."""
    key = waiting_key(event.region, event.service, copied)
    unseen = replace(event, hourly_cost=None, usage=(), cautions=(), ends_by=None)
    return state.resources.get(key) or replace(resource_of(unseen, key), running=False, stopped_at=event.event_time)

"""What records of snapshots tell of other things: of what was copied, and of the incident that started that."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from engine.account_state import AccountState, Changes
from engine.burn import keep
from engine.models.caution import Caution, CautionKind
from engine.models.cost_event import Change, CostEvent
from engine.models.resource import Resource, resource_key
from engine.remediation.preflight import merge_cautions
from engine.runs import known_resources, remember

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
        resource_key(one.region, one.service, caution.of)
        for one in resources.values()
        for caution in one.cautions
        if caution.of
    }


def _note_made(event: CostEvent, state: AccountState, changes: Changes) -> None:
    for caution in event.cautions:
        if caution.of:
            _retell(event, caution.of, partial(merge_cautions, more=(caution,)), state, changes)


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
        return
    if (told := change(known.cautions)) != known.cautions:
        remember(replace(known, cautions=told), state, changes)
    anomaly = state.anomalies.get(known.anomaly_id)
    if anomaly is not None and (told := change(anomaly.cautions)) != anomaly.cautions:
        keep(replace(anomaly, cautions=told, revision=anomaly.revision + 1), state, changes)

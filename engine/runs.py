"""What runs: looked up by what an event names, written down as it begins or changes, and what an event adds to it.

Fleets and clusters announce the same things twice, stops come before their starts, and starts without the stop before
them: each thing is known by its id, and nothing is counted twice.
"""

import msgspec

from engine.account_state import AccountState, Changes
from engine.models.anomaly import Anomaly
from engine.models.caution import Caution
from engine.models.cost_event import Change, CostEvent, UsageItem
from engine.models.resource import Counted, Resource, resource_key
from engine.shares import only


def without_running(event: CostEvent, state: AccountState) -> CostEvent:
    """Leave out of a start what runs already: fleets and clusters announce the same instances twice.

    >>> from engine.account_state import Changes
    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> begin(launch(), state, Changes(baseline=state.baseline), None)
    >>> without_running(launch(), state).quantity
    0
    """
    if event.change is not Change.START or not known_resources(event, state):
        return event
    return only(event, [one for one in event.resource_ids if not _ran_then(event, one, state)])


def _ran_then(event: CostEvent, resource_id: str, state: AccountState) -> bool:
    """Whether the resource runs, or the start lies within its last run, which is over: then it is counted already."""
    known = state.resources.get(key_of(event, resource_id))
    if known is None or known.running or known.stopped_at is None:
        return known is not None and known.running
    return known.since <= event.event_time < known.stopped_at and known.since < known.stopped_at


def note_restarts(event: CostEvent, state: AccountState, changes: Changes) -> None:
    """Remember a start of what runs already: the stop before it has not been seen, and may come late.

    >>> from datetime import timedelta
    >>> from engine.account_state import Changes
    >>> from engine.examples import MONDAY, launch, new_state
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> begin(launch(), state, changes, None)
    >>> note_restarts(launch(event_time=MONDAY + timedelta(hours=2)), state, changes)
    >>> changes.resources["eu-west-1/ec2/i-1"].stop_missed
    True
    """
    if event.change is not Change.START:
        return
    for known in known_resources(event, state):
        if known.running and event.event_time > known.since:
            restarted = msgspec.structs.replace(known, since=event.event_time, stop_missed=True)
            remember(restarted, state, changes)


def with_ended_cost(event: CostEvent, state: AccountState) -> CostEvent:
    """Give a stop the hourly cost of what it ends, where all of that is known.

    >>> from engine.examples import launch, new_state
    >>> with_ended_cost(launch(change=Change.STOP, hourly_cost=None), new_state()).hourly_cost is None
    True
    """
    if event.change is not Change.STOP:
        return event
    ended = _known_running(event, state)
    if not ended or len(ended) < len(event.resource_ids) or any(one.hourly_cost is None for one in ended):
        return event
    return msgspec.structs.replace(event, hourly_cost=sum(one.hourly_cost or 0.0 for one in ended))


def known_resources(event: CostEvent, state: AccountState) -> list[Resource]:
    """Give those resources of an event that were seen before.

    >>> from engine.examples import launch, new_state
    >>> known_resources(launch(), new_state())
    []
    """
    found, place = [], key_of(event, "")
    for resource_id in dict.fromkeys(event.resource_ids):
        known = state.resources.get(place + resource_id)
        if known is not None:
            found.append(known)
    return found


def _known_running(event: CostEvent, state: AccountState) -> list[Resource]:
    return [one for one in known_resources(event, state) if one.running]


def key_of(event: CostEvent, resource_id: str) -> str:
    """The key of one of the resources of an event.

    >>> from engine.examples import launch
    >>> key_of(launch(), "i-1")
    'eu-west-1/ec2/i-1'
    """
    return resource_key(event.region, event.service, resource_id)


def remember(resource: Resource, state: AccountState, changes: Changes) -> None:
    """Write a resource into the state and the changes.

    >>> from engine.account_state import Changes
    >>> from engine.examples import MONDAY, new_state
    >>> state = new_state()
    >>> changes = Changes(baseline=state.baseline)
    >>> remember(Resource(resource_id="eu-west-1/ec2/i-1", account_id="1", region="eu-west-1", service="ec2",
    ...     resource_type="m5.large", actor_key="ci", since=MONDAY, hourly_cost=None), state, changes)
    >>> list(changes.resources)
    ['eu-west-1/ec2/i-1']
    """
    state.resources[resource.resource_id] = changes.resources[resource.resource_id] = resource


def increase(event: CostEvent, state: AccountState) -> CostEvent:
    """Reduce a modification to what it adds per hour; a start is all increase, and so is a change of unknown past.

    Changing what is stopped adds nothing before it is started.

    >>> from engine.account_state import Changes
    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> begin(launch(), state, Changes(baseline=state.baseline), None)
    >>> increase(launch(change=Change.MODIFY, hourly_cost=3.0), state).hourly_cost
    2.0
    """
    if event.change is not Change.MODIFY:
        return event
    running = _known_running(event, state)
    if not running and known_resources(event, state):
        return msgspec.structs.replace(event, hourly_cost=0.0)
    if event.hourly_cost is None:
        return event
    before = sum(one.hourly_cost or 0.0 for one in running)
    return msgspec.structs.replace(event, hourly_cost=max(0.0, event.hourly_cost - before))


def begin(event: CostEvent, state: AccountState, changes: Changes, anomaly: Anomaly | None) -> None:
    """Remember what started or changed, each resource with its share of the cost.

    >>> from engine.account_state import Changes
    >>> from engine.examples import launch, new_state
    >>> state = new_state()
    >>> begin(launch(), state, Changes(baseline=state.baseline), None)
    >>> state.resources["eu-west-1/ec2/i-1"].hourly_cost
    1.0
    """
    anomaly_id = anomaly.anomaly_id if anomaly else ""
    for resource_id in event.resource_ids:
        key = key_of(event, resource_id)
        resource = resource_of(event, key, anomaly_id=anomaly_id)
        remember(_placed(resource, state.resources.get(key), event), state, changes)


def resource_of(event: CostEvent, key: str, *, anomaly_id: str = "", counted: tuple[Counted, ...] = ()) -> Resource:
    """One of the resources of an event, by its key, with its share of the cost.

    >>> from engine.examples import launch
    >>> resource_of(launch(resource_ids=("i-1", "i-2"), quantity=2), "eu-west-1/ec2/i-1").hourly_cost
    0.5
    """
    count = len(event.resource_ids)
    usage = event.usage if count == 1 else tuple(UsageItem(item.sku, item.amount / count) for item in event.usage)
    return Resource(
        resource_id=key,
        account_id=event.account_id,
        region=event.region,
        service=event.service,
        resource_type=event.resource_type,
        actor_key=event.actor.key,
        since=event.event_time,
        hourly_cost=None if event.hourly_cost is None else event.hourly_cost / count,
        usage=usage,
        labels=event.labels,
        anomaly_id=anomaly_id,
        ends_by=event.ends_by,
        counted=counted,
        cautions=_cautions_of(event, key),
    )


def _cautions_of(event: CostEvent, key: str) -> tuple[Caution, ...]:
    """What is told of others stays with them; a snapshot keeps of what it is one, for the day it is deleted."""
    if not event.cautions:
        return ()
    return tuple(one for one in event.cautions if not one.of or _is_about(event, one, key))


def _is_about(event: CostEvent, caution: Caution, key: str) -> bool:
    return key == key_of(event, caution.of) or bool(caution.name and key.endswith(caution.name))


def _placed(resource: Resource, known: Resource | None, event: CostEvent) -> Resource:
    """A change keeps the start of the run and whether it runs; a start whose stop was seen first is over already."""
    if known is None:
        return resource
    resource = msgspec.structs.replace(resource, counted=known.counted)
    if event.change is Change.MODIFY:
        return _changed(resource, known)
    if known.stopped_at is not None and known.stopped_at >= event.event_time:
        return msgspec.structs.replace(resource, running=False, stopped_at=known.stopped_at)
    return resource


def _changed(resource: Resource, known: Resource) -> Resource:
    """What ran in peace before an incident made it dearer goes on being usual; so does what is left of it."""
    before = known.usual_cost if known.anomaly_id else known.hourly_cost or 0.0
    return msgspec.structs.replace(
        resource,
        since=known.since,
        running=known.running,
        stopped_at=known.stopped_at,
        stop_missed=known.stop_missed,
        ends_by=known.ends_by,
        labels=resource.labels or known.labels,
        cautions=resource.cautions or known.cautions,
        anomaly_id=resource.anomaly_id or known.anomaly_id,
        usual_cost=min(before, resource.hourly_cost or 0.0),
    )

"""The burn clock: what runs since when, and what its end means for the incident it belongs to."""

import msgspec

from engine.account_state import AccountState, Changes
from engine.incidents import end_resources
from engine.models.anomaly import Anomaly
from engine.models.cost_event import Change, CostEvent, UsageItem
from engine.models.resource import Resource, plain_id, resource_key


def without_running(event: CostEvent, state: AccountState) -> CostEvent:
    """Leave out of a start what runs already: fleets and clusters announce the same instances twice."""
    if event.change is not Change.START or not event.resource_ids:
        return event
    fresh = tuple(one for one in event.resource_ids if not _runs(event, one, state))
    if len(fresh) == len(event.resource_ids):
        return event
    share = len(fresh) / len(event.resource_ids)
    return msgspec.structs.replace(
        event,
        resource_ids=fresh,
        quantity=len(fresh),
        usage=tuple(UsageItem(item.sku, item.amount * share) for item in event.usage),
        hourly_cost=None if event.hourly_cost is None else event.hourly_cost * share,
    )


def _runs(event: CostEvent, resource_id: str, state: AccountState) -> bool:
    known = state.resources.get(resource_key(event.region, event.service, resource_id))
    return known is not None and known.running


def with_ended_cost(event: CostEvent, state: AccountState) -> CostEvent:
    """Give a stop the hourly cost of what it ends, where all of that is known."""
    if event.change is not Change.STOP:
        return event
    ended = _known_running(event, state)
    if not ended or len(ended) < len(event.resource_ids) or any(one.hourly_cost is None for one in ended):
        return event
    return msgspec.structs.replace(event, hourly_cost=sum(one.hourly_cost or 0.0 for one in ended))


def _known_running(event: CostEvent, state: AccountState) -> list[Resource]:
    keys = (resource_key(event.region, event.service, one) for one in event.resource_ids)
    return [known for key in keys if (known := state.resources.get(key)) is not None and known.running]


def increase(event: CostEvent, state: AccountState) -> CostEvent:
    """Reduce a modification to what it adds per hour; a start is all increase, and so is a change of unknown past."""
    if event.change is not Change.MODIFY or event.hourly_cost is None:
        return event
    before = sum(one.hourly_cost or 0.0 for one in _known_running(event, state))
    return msgspec.structs.replace(event, hourly_cost=max(0.0, event.hourly_cost - before))


def begin(event: CostEvent, state: AccountState, changes: Changes, anomaly: Anomaly | None) -> None:
    """Remember what started or changed, each resource with its share of the cost."""
    count = len(event.resource_ids)
    for resource_id in event.resource_ids:
        key = resource_key(event.region, event.service, resource_id)
        known = state.resources.get(key)
        resource = Resource(
            resource_id=key,
            account_id=event.account_id,
            region=event.region,
            service=event.service,
            resource_type=event.resource_type,
            actor_key=event.actor.key,
            since=event.event_time,
            hourly_cost=None if event.hourly_cost is None else event.hourly_cost / count,
            usage=tuple(UsageItem(item.sku, item.amount / count) for item in event.usage),
            labels=event.labels,
            anomaly_id=anomaly.anomaly_id if anomaly else "",
        )
        state.resources[key] = changes.resources[key] = _placed(resource, known, event)


def close_late(anomaly: Anomaly, event: CostEvent, state: AccountState) -> Anomaly:
    """End at once what started in this event but is known to have stopped: its stop record came first."""
    for resource_id in event.resource_ids:
        known = state.resources[resource_key(event.region, event.service, resource_id)]
        if not known.running and known.stopped_at is not None:
            anomaly = end_resources(anomaly, [resource_id], known.hourly_cost or 0.0, known.stopped_at)
    return anomaly


def _placed(resource: Resource, known: Resource | None, event: CostEvent) -> Resource:
    """A change keeps the start of the run and whether it runs; a start whose stop was seen first is over already."""
    if known is None:
        return resource
    if event.change is Change.MODIFY:
        return msgspec.structs.replace(
            resource,
            since=known.since,
            running=known.running,
            stopped_at=known.stopped_at,
            anomaly_id=resource.anomaly_id or known.anomaly_id,
        )
    if known.stopped_at is not None and known.stopped_at >= event.event_time:
        return msgspec.structs.replace(resource, running=False, stopped_at=known.stopped_at)
    return resource


def end(event: CostEvent, state: AccountState, changes: Changes) -> None:
    """Close the burn of what stopped. A stop nobody saw start is kept, in case its start arrives late."""
    ended_by_anomaly: dict[str, list[Resource]] = {}
    for resource_id in event.resource_ids:
        key = resource_key(event.region, event.service, resource_id)
        known = state.resources.get(key)
        stopped = _stopped(key, known, event)
        state.resources[key] = changes.resources[key] = stopped
        if known is not None and known.running and known.anomaly_id:
            ended_by_anomaly.setdefault(known.anomaly_id, []).append(known)
    for anomaly_id, ended in ended_by_anomaly.items():
        anomaly = state.anomalies.get(anomaly_id)
        if anomaly is not None:
            state.anomalies[anomaly_id] = changes.anomalies[anomaly_id] = _ended(anomaly, ended, event)


def _stopped(key: str, known: Resource | None, event: CostEvent) -> Resource:
    if known is not None:
        return msgspec.structs.replace(known, running=False, stopped_at=event.event_time)
    return Resource(
        resource_id=key,
        account_id=event.account_id,
        region=event.region,
        service=event.service,
        resource_type=event.resource_type,
        actor_key=event.actor.key,
        since=event.event_time,
        hourly_cost=None,
        running=False,
        stopped_at=event.event_time,
    )


def _ended(anomaly: Anomaly, ended: list[Resource], event: CostEvent) -> Anomaly:
    return end_resources(
        anomaly, [plain_id(one) for one in ended], sum(one.hourly_cost or 0.0 for one in ended), event.event_time
    )

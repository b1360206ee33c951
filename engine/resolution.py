"""What a record does not say but our own history knows.

A start or stop names only ids; provisioned concurrency names no memory; a service names its task definition. The
resources seen before have the rest.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from engine.autoscaling import group_key, name_changer
from engine.cloudtrail.lambda_functions import CONCURRENCY_SKU
from engine.models.caution import Caution
from engine.models.cost_event import Change, CostEvent, UsageItem
from engine.models.resource import Resource, resource_key, waiting_key
from engine.relative_usage import complete, is_relative, referred_ids
from engine.remediation.preflight import OF_SNAPSHOTS, merge_cautions

# What these make can be known to be copied before it is known itself: records come in any order.
MAKES_WHAT_IS_COPIED = frozenset(
    {
        "CreateVolume",
        "CreateDBInstance",
        "CreateDBInstanceReadReplica",
        "RestoreDBInstanceFromDBSnapshot",
        "RestoreDBInstanceFromS3",
        "RestoreDBInstanceToPointInTime",
        "CreateDBCluster",
        "RestoreDBClusterFromSnapshot",
        "RestoreDBClusterFromS3",
        "RestoreDBClusterToPointInTime",
    }
)
_MAKING = ("Create", "Restore")
_Kind = tuple[str, tuple[UsageItem, ...], tuple[str, ...]]


def resource_keys(event: CostEvent) -> tuple[str, ...]:
    """The keys of all resources that must be loaded to judge the event.

    >>> from engine.examples import launch
    >>> resource_keys(launch())
    ('eu-west-1/ec2/i-1',)
    """
    ids = tuple(dict.fromkeys((*event.resource_ids, *referred_ids(event))))
    if _is_provisioned_concurrency(event):
        ids = (*ids, _function_name(event))
    copied = tuple(one.of for one in event.cautions if one.of)
    ids = (*ids, *(one for one in copied if one not in ids))
    keys = tuple(resource_key(event.region, event.service, resource_id) for resource_id in ids)
    if event.event_name in MAKES_WHAT_IS_COPIED:
        copied = event.resource_ids
    if copied:
        keys = (*keys, *(waiting_key(event.region, event.service, one) for one in dict.fromkeys(copied)))
    return (*keys, group_key(event)) if event.group else keys


def resolve(event: CostEvent, resources: Mapping[str, Resource]) -> tuple[CostEvent, ...]:
    """Fill in what history knows; resources of several types make one cost event each.

    The parts that come of one keep its id and get part numbers of their own, in the order of the record.

    >>> from engine.examples import MONDAY, launch
    >>> start = launch(event_name="StartInstances", resource_type="ec2_instance", usage=(), hourly_cost=None)
    >>> key = resource_key("eu-west-1", "ec2", "i-1")
    >>> known = Resource(resource_id=key, account_id="1", region="eu-west-1", service="ec2", resource_type="m5.large",
    ...     actor_key="ci", since=MONDAY, hourly_cost=0.1, usage=(UsageItem("ec2/m5.large", 1),), running=False)
    >>> resolve(start, {key: known})[0].usage
    (UsageItem(sku='ec2/m5.large', amount=1),)
    """
    return tuple(_with_cautions(part, resources) for part in _resolve(event, resources))


def _resolve(event: CostEvent, resources: Mapping[str, Resource]) -> tuple[CostEvent, ...]:
    event = name_changer(event, resources)
    if _is_provisioned_concurrency(event):
        return (_as_change(_with_memory(event, resources), resources),)
    if event.change is Change.MODIFY or event.usage:
        return (complete(event, resources),)
    if len(event.resource_ids) == 1:
        return (_part(event, 0, _kind(event, event.resource_ids[0], resources), event.resource_ids),)
    groups: dict[_Kind, list[str]] = {}
    for resource_id in event.resource_ids:
        groups.setdefault(_kind(event, resource_id, resources), []).append(resource_id)
    if not groups:
        return (event,)
    return tuple(_part(event, number, *group) for number, group in enumerate(groups.items()))


def _with_cautions(event: CostEvent, resources: Mapping[str, Resource]) -> CostEvent:
    """A start that says nothing of protection, groups, stacks or backups: what was told of the same things before.

    Snapshots are told by records of their own, and so stay what they are until the resource is made anew.
    """
    if event.change is Change.STOP:
        return event
    found = event.cautions
    for resource_id in event.resource_ids:
        known = resources.get(resource_key(event.region, event.service, resource_id))
        if known is not None and known.cautions:
            found = merge_cautions(found, _still_told(event, known))
    return event if found == event.cautions else msgspec.structs.replace(event, cautions=found)


def _still_told(event: CostEvent, known: Resource) -> tuple[Caution, ...]:
    if event.event_name.startswith(_MAKING):
        return ()
    if not event.cautions:
        return known.cautions
    return tuple(one for one in known.cautions if one.kind in OF_SNAPSHOTS)


def says_all(event: CostEvent) -> bool:
    """Whether an event tells all of its usage itself, so that history can add nothing to it.

    >>> from engine.examples import launch
    >>> says_all(launch()), says_all(launch(usage=(UsageItem("recount", 3),)))
    (True, False)
    """
    for item in event.usage:
        if not _is_absolute(item.sku):
            return False
    return bool(event.usage)


@lru_cache(4096)
def _is_absolute(sku: str) -> bool:
    return sku != CONCURRENCY_SKU and not is_relative(sku)


def _kind(event: CostEvent, resource_id: str, resources: Mapping[str, Resource]) -> _Kind:
    known = resources.get(resource_key(event.region, event.service, resource_id))
    return (known.resource_type, known.usage, known.labels) if known else (event.resource_type, (), event.labels)


def _part(event: CostEvent, number: int, kind: _Kind, ids: Sequence[str]) -> CostEvent:
    resource_type, single, labels = kind
    usage: tuple[UsageItem, ...] = ()
    if event.change is Change.START:
        usage = tuple(UsageItem(item.sku, item.amount * len(ids)) for item in single)
    return msgspec.structs.replace(
        event,
        part=event.part + number,
        resource_type=resource_type,
        resource_ids=tuple(ids),
        quantity=len(ids),
        usage=usage,
        labels=labels,
    )


def _is_provisioned_concurrency(event: CostEvent) -> bool:
    return bool(event.usage) and any(item.sku == CONCURRENCY_SKU for item in event.usage)


def _function_name(event: CostEvent) -> str:
    return event.resource_ids[0].split(":", 1)[0]


def _with_memory(event: CostEvent, resources: Mapping[str, Resource]) -> CostEvent:
    """Turn a number of warm executions into gigabytes, if the function's memory was ever seen."""
    function = resources.get(resource_key(event.region, event.service, _function_name(event)))
    if function is None or not function.usage:
        return event
    memory, executions = function.usage[0], event.usage[0].amount
    sku = memory.sku.replace("lambda/idle/", "lambda/provisioned/")
    return msgspec.structs.replace(event, usage=(UsageItem(sku, memory.amount * executions),))


def _as_change(event: CostEvent, resources: Mapping[str, Resource]) -> CostEvent:
    """Provisioning again for the same version replaces what was provisioned: a change, no second copy of a start."""
    known = resources.get(resource_key(event.region, event.service, event.resource_ids[0]))
    if known is None or not known.running:
        return event
    return msgspec.structs.replace(event, change=Change.MODIFY)

"""What a record does not say but our own history knows.

A start or stop names only ids; provisioned concurrency names no memory. The resources seen before have the rest.
"""

from collections.abc import Mapping

import msgspec

from engine.cloudtrail.lambda_functions import CONCURRENCY_SKU
from engine.models.cost_event import Change, CostEvent, UsageItem
from engine.models.resource import Resource, resource_key


def resource_keys(event: CostEvent) -> tuple[str, ...]:
    """The keys of all resources that must be loaded to judge the event."""
    ids = event.resource_ids
    if _is_provisioned_concurrency(event):
        ids = (*ids, _function_name(event))
    return tuple(resource_key(event.region, event.service, resource_id) for resource_id in ids)


def resolve(event: CostEvent, resources: Mapping[str, Resource]) -> tuple[CostEvent, ...]:
    """Fill in what history knows; resources of several types make one cost event each.

    The parts that come of one keep its id and get part numbers of their own, in the order of the record.
    """
    if _is_provisioned_concurrency(event):
        return (_with_memory(event, resources),)
    if event.change is Change.MODIFY or event.usage:
        return (event,)
    groups: dict[tuple[str, tuple[UsageItem, ...]], list[str]] = {}
    for resource_id in event.resource_ids:
        known = resources.get(resource_key(event.region, event.service, resource_id))
        kind = (known.resource_type, known.usage) if known else (event.resource_type, ())
        groups.setdefault(kind, []).append(resource_id)
    if not groups:
        return (event,)
    return tuple(_part(event, number, *group) for number, group in enumerate(groups.items()))


def _part(event: CostEvent, number: int, kind: tuple[str, tuple[UsageItem, ...]], ids: list[str]) -> CostEvent:
    resource_type, single = kind
    usage = tuple(UsageItem(item.sku, item.amount * len(ids)) for item in single)
    return msgspec.structs.replace(
        event,
        part=event.part + number,
        resource_type=resource_type,
        resource_ids=tuple(ids),
        quantity=len(ids),
        usage=usage if event.change is Change.START else (),
    )


def _is_provisioned_concurrency(event: CostEvent) -> bool:
    return any(item.sku == CONCURRENCY_SKU for item in event.usage)


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

"""The share of a cost event that some of its resources have in it."""

from collections.abc import Sequence

import msgspec

from engine.models.cost_event import CostEvent, UsageItem


def only(event: CostEvent, resource_ids: Sequence[str]) -> CostEvent:
    """Give the share of an event that some of its resources have in it.

    >>> from engine.examples import launch
    >>> only(launch(resource_ids=("i-1", "i-2"), quantity=2), ["i-2"]).hourly_cost
    0.5
    """
    if len(resource_ids) == len(event.resource_ids):
        return event
    share = len(resource_ids) / len(event.resource_ids)
    return msgspec.structs.replace(
        event,
        resource_ids=tuple(resource_ids),
        quantity=len(resource_ids),
        usage=tuple(UsageItem(item.sku, item.amount * share) for item in event.usage),
        hourly_cost=None if event.hourly_cost is None else event.hourly_cost * share,
    )

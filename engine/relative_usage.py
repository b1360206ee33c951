"""Usage that a record tells only in relation to what was seen before, and how history completes it.

An ECS service names its task definition, an endpoint its configuration; a broker count is changed without a word of
the brokers' type. Families write that as SKUs that no price list has, so that what history cannot complete stays
unknown by itself:

- ``like/{resource_id}``: as much as that resource of the same service and Region uses, so many times
- ``recount``: the first thing the resource itself uses is now that many, and the rest grows in proportion
- ``retype/{sku}``: as before, with another SKU in the place of the first

Other items beside these are added; an amount below zero takes away. A SKU with the word ``template`` in the second
place (``glue/template/dpu``) costs nothing itself and loses the word in what is made of it.
"""

from collections.abc import Iterable, Mapping

import msgspec

from engine.models.cost_event import CostEvent, UsageItem
from engine.models.resource import Resource, resource_key

_LIKE = "like/"
_RECOUNT = "recount"
_RETYPE = "retype/"
_TEMPLATE = "/template/"
_MOST = 2_000_000.0


def like(resource_id: str, times: float = 1.0) -> UsageItem:
    """As much as another resource uses, or as this one used before.

    >>> like("task-definition/web:3", 2)
    UsageItem(sku='like/task-definition/web:3', amount=2)
    """
    return UsageItem(_LIKE + resource_id, times)


def recount(count: float) -> UsageItem:
    """What this resource consists of is now that many.

    >>> recount(6)
    UsageItem(sku='recount', amount=6)
    """
    return UsageItem(_RECOUNT, count)


def retype(sku: str) -> UsageItem:
    """What this resource consists of is now of that kind, as many as before.

    >>> retype("msk/m5.xlarge")
    UsageItem(sku='retype/msk/m5.xlarge', amount=1)
    """
    return UsageItem(_RETYPE + sku, 1)


def referred_ids(event: CostEvent) -> tuple[str, ...]:
    """Give the ids of the resources an event's usage is told by.

    >>> from engine.examples import launch
    >>> referred_ids(launch(usage=(like("job/nightly"),)))
    ('job/nightly',)
    """
    return tuple(item.sku.removeprefix(_LIKE) for item in event.usage if item.sku.startswith(_LIKE))


def complete(event: CostEvent, resources: Mapping[str, Resource]) -> CostEvent:
    """Replace relative usage by what history knows; where it knows nothing, the event is given back as it is.

    >>> from engine.examples import MONDAY, launch
    >>> job = Resource(resource_id="eu-west-1/ec2/job/nightly", account_id="1", region="eu-west-1", service="ec2",
    ...     resource_type="glue_job", actor_key="ci", since=MONDAY, hourly_cost=0.0,
    ...     usage=(UsageItem("glue/template/dpu", 10),))
    >>> complete(launch(usage=(like("job/nightly"),)), {"eu-west-1/ec2/job/nightly": job}).usage
    (UsageItem(sku='glue/dpu', amount=10.0),)
    """
    if not any(is_relative(item.sku) for item in event.usage):
        return event
    found = [_completed(item, event, resources) for item in event.usage]
    if not all(found):
        return event
    usage = _sum(item for items in found for item in items)
    return msgspec.structs.replace(event, usage=usage, resource_type=_resource_type(event, usage, resources))


def is_relative(sku: str) -> bool:
    """Whether usage of this name means something only beside what was seen before.

    >>> is_relative("retype/msk/m5.xlarge"), is_relative("msk/m5.xlarge")
    (True, False)
    """
    return sku.startswith((_LIKE, _RETYPE)) or sku == _RECOUNT


def _completed(item: UsageItem, event: CostEvent, resources: Mapping[str, Resource]) -> tuple[UsageItem, ...]:
    """The absolute usage an item stands for; empty when history does not know."""
    if not is_relative(item.sku):
        return (item,)
    if item.sku.startswith(_LIKE):
        known = _known_usage(item.sku.removeprefix(_LIKE), event, resources)
        return tuple(_times(one, item.amount) for one in known)
    known = _known_usage(event.resource_ids[0], event, resources) if event.resource_ids else ()
    if not known:
        return ()
    if item.sku == _RECOUNT:
        factor = item.amount / known[0].amount if known[0].amount else 0.0
        return tuple(_times(one, factor) for one in known) if factor else ()
    return (UsageItem(item.sku.removeprefix(_RETYPE), known[0].amount), *known[1:])


def _known_usage(resource_id: str, event: CostEvent, resources: Mapping[str, Resource]) -> tuple[UsageItem, ...]:
    known = resources.get(resource_key(event.region, event.service, resource_id))
    return known.usage if known is not None else ()


def _times(item: UsageItem, factor: float) -> UsageItem:
    """A template is free, what is made of it is not."""
    return UsageItem(item.sku.replace(_TEMPLATE, "/", 1), item.amount * factor)


def _sum(items: Iterable[UsageItem]) -> tuple[UsageItem, ...]:
    amounts: dict[str, float] = {}
    for item in items:
        amounts[item.sku] = amounts.get(item.sku, 0.0) + item.amount
    return tuple(UsageItem(sku, min(max(amount, 0.0), _MOST)) for sku, amount in amounts.items())


def _resource_type(event: CostEvent, usage: tuple[UsageItem, ...], resources: Mapping[str, Resource]) -> str:
    """A change that names no type keeps the one known; something made like another is of the instance type used."""
    if any(item.sku.startswith(_RETYPE) for item in event.usage):
        return event.resource_type
    if any(item.sku == _RECOUNT for item in event.usage) or event.resource_ids == referred_ids(event):
        return resources[resource_key(event.region, event.service, event.resource_ids[0])].resource_type
    last = usage[0].sku.rsplit("/", 1)[-1]
    return last if "." in last else event.resource_type

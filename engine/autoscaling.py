"""Launches by an Auto Scaling group: done by the service, wanted by whoever changed the group last."""

from collections.abc import Mapping

import msgspec

from engine.attribution import name_of
from engine.models.cost_event import CostEvent
from engine.models.resource import Resource, resource_key

_SERVICE = "autoscaling"


def group_key(event: CostEvent) -> str:
    """The key under which the group that launched is remembered.

    >>> from engine.examples import launch
    >>> group_key(launch(group="web"))
    'eu-west-1/autoscaling/web'
    """
    return resource_key(event.region, _SERVICE, event.group)


def name_changer(event: CostEvent, resources: Mapping[str, Resource]) -> CostEvent:
    """Let the name of the actor tell the group, and who changed it last if that was seen; its key stays as it is.

    >>> from engine.examples import MONDAY, launch
    >>> web = Resource(resource_id="eu-west-1/autoscaling/web", account_id="1", region="eu-west-1",
    ...     service="autoscaling", resource_type="autoscaling_group", since=MONDAY, hourly_cost=0.0,
    ...     actor_key="arn:aws:iam::111122223333:user/maria")
    >>> name_changer(launch(group="web"), {"eu-west-1/autoscaling/web": web}).actor.name
    'ci (group web, last changed by maria)'
    """
    if not event.group:
        return event
    known = resources.get(group_key(event))
    by = f", last changed by {name_of(known.actor_key)}" if known is not None else ""
    named = msgspec.structs.replace(event.actor, name=f"{event.actor.name} (group {event.group}{by})")
    return msgspec.structs.replace(event, actor=named)

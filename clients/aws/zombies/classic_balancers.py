"""Load balancers of the older kind, with the health of the instances behind them."""

import asyncio
from collections.abc import Mapping
from typing import Any

from clients.aws.zombies.asker import Asker, those_there
from clients.aws.zombies.ec2 import Found
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

# AWS calls an instance out of service also while it is only on its way in.
_COMING = ("registration is still in progress", "has not passed", "pending state", "transient error")


async def classic_balancers(asker: Asker) -> Found:
    """Classic load balancers."""
    async for page in asker.pages(
        "elb", "describe_load_balancers", "LoadBalancerDescriptions", follow="NextMarker", asked="Marker", PageSize=400
    ):
        counted = await asyncio.gather(*(_health(asker, one) for one in page))
        yield [_balancer(asker, one, numbers) for one, numbers in zip(page, counted, strict=True)]


async def _health(asker: Asker, one: Mapping[str, Any]) -> Mapping[str, float]:
    """How many instances there are and how many are healthy; nothing of a balancer that went meanwhile."""
    if not one.get("Instances"):
        return {"instances": 0, "healthy": 0}
    name = one["LoadBalancerName"]
    answers = await those_there([asker.call("elb", "describe_instance_health", LoadBalancerName=name)])
    states = [state for answer in answers for state in answer.get("InstanceStates", [])]
    return {"instances": len(states), "healthy": sum(map(_is_healthy, states))} if answers else {}


def _is_healthy(state: Mapping[str, Any]) -> bool:
    """Whether it serves, or may do so soon; of what AWS does not know, nothing bad is said.

    >>> _is_healthy({"State": "OutOfService", "Description": "Instance has failed at least the Unhealthy..."})
    False
    >>> _is_healthy({"State": "OutOfService", "Description": "Instance registration is still in progress."})
    True
    """
    told = state.get("Description") or ""
    return state.get("State") != "OutOfService" or any(word in told for word in _COMING)


def _balancer(asker: Asker, one: Mapping[str, Any], numbers: Mapping[str, float]) -> Described:
    name = one["LoadBalancerName"]
    arn = f"arn:aws:elasticloadbalancing:{asker.region}:{asker.account.account_id}:loadbalancer/{name}"
    return Described(
        kind="classic_balancer",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=arn,
        known_as=("elasticloadbalancing", name),
        created_at=one.get("CreatedTime"),
        usage=(UsageItem("elb/classic", 1),),
        numbers=numbers,
        tags=asker.tags_of(arn),
        dimensions=((("LoadBalancerName", name),),),
    )

"""Load balancers of the newer kind, with the health of what is behind them."""

import asyncio
from collections.abc import Mapping
from typing import Any

from clients.aws.zombies.asker import Asker, those_there
from clients.aws.zombies.ec2 import Found
from clients.aws.zombies.standing import steady
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

_NAMESPACE_PART = "loadbalancer/"


async def balancers(asker: Asker) -> Found:
    """Load balancers; those without a target group (they only redirect) count as having targets that are unknown."""
    groups: dict[str, list[str]] = {}
    async for page in asker.pages(
        "elbv2", "describe_target_groups", "TargetGroups", follow="NextMarker", asked="Marker", PageSize=400
    ):
        for group in page:
            for arn in group.get("LoadBalancerArns", []):
                groups.setdefault(arn, []).append(group["TargetGroupArn"])
    async for page in asker.pages(
        "elbv2", "describe_load_balancers", "LoadBalancers", follow="NextMarker", asked="Marker", PageSize=400
    ):
        live = [one for one in page if one.get("State", {}).get("Code") != "failed"]
        counted = await asyncio.gather(*(_health(asker, groups.get(one["LoadBalancerArn"], [])) for one in live))
        yield [_balancer(asker, one, numbers) for one, numbers in zip(live, counted, strict=True)]


async def _health(asker: Asker, groups: list[str]) -> Mapping[str, float]:
    """How many targets there are and how many are healthy; nothing where there is no group at all."""
    answers = await those_there(asker.call("elbv2", "describe_target_health", TargetGroupArn=group) for group in groups)
    if not answers:
        return {}
    states = [
        target["TargetHealth"]["State"] for answer in answers for target in answer.get("TargetHealthDescriptions", [])
    ]
    # What is not checked ("unused" but for Lambda) or just starts is not called unhealthy.
    return {"targets": len(states), "healthy": sum(state not in {"unhealthy", "draining"} for state in states)}


def _balancer(asker: Asker, one: Mapping[str, Any], numbers: Mapping[str, float]) -> Described:
    arn, kind = one["LoadBalancerArn"], one.get("Type", "application")
    return Described(
        kind="balancer",
        region=asker.region,
        resource_id=one["LoadBalancerName"],
        name=one["LoadBalancerName"],
        arn=arn,
        known_as=("elasticloadbalancing", arn),
        created_at=one.get("CreatedTime"),
        usage=(UsageItem(f"elb/{kind}", 1),),
        numbers=numbers,
        traits=steady(one.get("State", {}).get("Code"), "active", "active_impaired"),
        words={"type": kind},
        tags=asker.tags_of(arn),
        dimensions=((("LoadBalancer", arn.partition(_NAMESPACE_PART)[2]),),),
    )

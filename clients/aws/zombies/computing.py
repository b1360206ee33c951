"""Containers, functions and jobs."""

import asyncio
from collections.abc import Mapping
from typing import Any

from clients.aws.errors import is_gone
from clients.aws.zombies.asker import Asker, require_seen, those_there
from clients.aws.zombies.ec2 import Found
from engine.errors import Rejected
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

_SERVICES_AT_ONCE = 10
_CLUSTERS_AT_ONCE = 100
_MEGABYTES = 1024
_MOST_FUNCTIONS = 200


async def ecs(asker: Asker) -> Found:
    """Clusters and services of ECS."""
    async for arns in asker.pages(
        "ecs", "list_clusters", "clusterArns", follow="nextToken", maxResults=_CLUSTERS_AT_ONCE
    ):
        if arns:
            answer = await asker.call("ecs", "describe_clusters", clusters=arns)
            clusters = [one for one in answer.get("clusters", []) if one.get("status") == "ACTIVE"]
            yield [_cluster(asker, one) for one in clusters]
            for one in clusters:
                if one.get("activeServicesCount"):
                    async for few in _services(asker, one):
                        yield few


def _cluster(asker: Asker, one: Mapping[str, Any]) -> Described:
    return Described(
        kind="ecs_cluster",
        region=asker.region,
        resource_id=one["clusterName"],
        name=one["clusterName"],
        arn=one["clusterArn"],
        known_as=("ecs", one["clusterName"]),
        numbers={
            "instances": one.get("registeredContainerInstancesCount", 0),
            "tasks": one.get("runningTasksCount", 0) + one.get("pendingTasksCount", 0),
        },
        tags=asker.tags_of(one["clusterArn"]),
    )


async def _services(asker: Asker, cluster: Mapping[str, Any]) -> Found:
    """Those of one cluster; it may go meanwhile, and its services with it. A service that went AWS leaves out."""
    name = cluster["clusterName"]
    try:
        async for arns in asker.pages(
            "ecs", "list_services", "serviceArns", follow="nextToken", cluster=name, maxResults=_SERVICES_AT_ONCE
        ):
            if arns:
                answer = await asker.call("ecs", "describe_services", cluster=name, services=arns)
                live = [one for one in answer.get("services", []) if one.get("status") == "ACTIVE"]
                yield [_service(asker, name, one) for one in live]
    except Rejected as error:
        if not is_gone(error):
            raise


def _service(asker: Asker, cluster: str, one: Mapping[str, Any]) -> Described:
    name = one["serviceName"]
    return Described(
        kind="ecs_service",
        region=asker.region,
        resource_id=f"{cluster}/{name}",
        name=name,
        arn=one.get("serviceArn", ""),
        known_as=("ecs", f"service/{cluster}/{name}"),
        created_at=one.get("createdAt"),
        numbers={"tasks": one.get("runningCount", 0)},
        words={"cluster": cluster},
        tags=asker.tags_of(one.get("serviceArn", "")),
        dimensions=((("ClusterName", cluster), ("ServiceName", name)),),
    )


async def eks(asker: Asker) -> Found:
    """Clusters of EKS with what they have to run on. Without the instances nothing is known of that."""
    require_seen(asker.region, asker.seen.eks_instances, "instances")
    async for names in asker.pages("eks", "list_clusters", "clusters", follow="nextToken"):
        yield await those_there(_eks(asker, name) for name in names)


async def _eks(asker: Asker, name: str) -> Described:
    described, groups, profiles = await asyncio.gather(
        asker.call("eks", "describe_cluster", name=name),
        asker.call("eks", "list_nodegroups", clusterName=name),
        asker.call("eks", "list_fargate_profiles", clusterName=name),
    )
    one = described["cluster"]
    return Described(
        kind="eks",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=one.get("arn", ""),
        known_as=("eks", name),
        created_at=one.get("createdAt"),
        usage=(UsageItem("eks/cluster", 1),),
        traits=frozenset({"auto_mode"} if (one.get("computeConfig") or {}).get("enabled") else ()),
        numbers={
            "groups": len(groups.get("nodegroups", [])),
            "profiles": len(profiles.get("fargateProfileNames", [])),
            "instances": (asker.seen.eks_instances or {}).get(name, 0),
        },
        tags=one.get("tags") or {},
    )


async def concurrency(asker: Asker) -> Found:
    """Provisioned concurrency of functions.

    CloudWatch has no metric of a function that nobody has called for two weeks, so each is asked; of very many only
    those that CloudWatch knows, for AWS takes few such calls a second from a whole account.
    """
    functions = await asker.all_of("lambda", "list_functions", "Functions", follow="NextMarker", asked="Marker")
    named = None if len(functions) <= _MOST_FUNCTIONS else await _called_lately(asker)
    for found in await those_there(
        _provisioned(asker, one) for one in functions if named is None or one["FunctionName"] in named
    ):
        yield found
    if named is not None:
        raise Rejected(
            f"{len(functions):,} functions in {asker.region} are too many to ask each: of those that were not called "
            "for two weeks nothing is known.",
            code="too_many",
        )


async def _called_lately(asker: Asker) -> set[str]:
    asked = {"Namespace": "AWS/Lambda", "MetricName": "ProvisionedConcurrencyUtilization"}
    return {
        dimension["Value"]
        async for page in asker.pages("cloudwatch", "list_metrics", "Metrics", **asked)
        for one in page
        for dimension in one["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }


async def _provisioned(asker: Asker, function: Mapping[str, Any]) -> list[Described]:
    name, memory = function["FunctionName"], function.get("MemorySize", 0) / _MEGABYTES
    architecture = next(iter(function.get("Architectures", [])), "x86_64")
    answer = await asker.call("lambda", "list_provisioned_concurrency_configs", FunctionName=name)
    found = []
    for one in answer.get("ProvisionedConcurrencyConfigs", []):
        qualifier = one["FunctionArn"].rpartition(":")[2]
        count = one.get("AllocatedProvisionedConcurrentExecutions", 0)
        found.append(
            Described(
                kind="concurrency",
                region=asker.region,
                resource_id=f"{name}:{qualifier}",
                name=name,
                arn=one["FunctionArn"],
                known_as=("lambda", f"{name}:{qualifier}"),
                usage=(UsageItem(f"lambda/provisioned/{architecture}", memory * count),),
                numbers={"provisioned": count},
                words={"qualifier": qualifier},
                tags=asker.tags_of(function.get("FunctionArn", "")),
                dimensions=((("FunctionName", name), ("Resource", f"{name}:{qualifier}")),),
            )
        )
    return found


async def emr(asker: Asker) -> Found:
    """Clusters of EMR that wait for work."""
    async for page in asker.pages(
        "emr", "list_clusters", "Clusters", follow="Marker", ClusterStates=["RUNNING", "WAITING"]
    ):
        yield [
            Described(
                kind="emr",
                region=asker.region,
                resource_id=one["Id"],
                name=one.get("Name", ""),
                arn=one.get("ClusterArn", ""),
                known_as=("elasticmapreduce", one["Id"]),
                created_at=one["Status"].get("Timeline", {}).get("CreationDateTime"),
                traits=frozenset({"waiting"} if one["Status"]["State"] == "WAITING" else ()),
                tags=asker.tags_of(one.get("ClusterArn", "")),
                dimensions=((("JobFlowId", one["Id"]),),),
            )
            for one in page
        ]

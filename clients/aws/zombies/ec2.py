"""EC2: instances, volumes, addresses, NAT gateways and endpoints."""

import re
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any

from clients.aws.zombies.asker import Asker, require_seen, tags_in
from engine.models.caution import GROUP_TAG
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

Found = AsyncGenerator[list[Described], None]
_STOPPED_AT = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)")
_HALTED = frozenset({"stopped", "stopping"})
_LIVE = frozenset({"running", "pending", *_HALTED})
_CLUSTER_TAG = "kubernetes.io/cluster/"
_EKS_TAG = "aws:eks:cluster-name"


async def instances(asker: Asker) -> Found:
    """Instances that run or are stopped; notes them for volumes, addresses, images and EKS clusters."""
    seen = asker.seen
    halted: dict[str, datetime | None] = {}
    images: set[str] = set()
    clusters: dict[str, int] = {}
    sizes = await _volume_usage(asker)
    async for page in asker.pages("ec2", "describe_instances", "Reservations", MaxResults=1000):
        found = [one for reservation in page for one in reservation["Instances"] if one["State"]["Name"] in _LIVE]
        for one in found:
            state = one["State"]["Name"]
            halted[one["InstanceId"]] = stopped_at(one, asker.now) if state in _HALTED else None
            images.add(one.get("ImageId", ""))
            for cluster in _clusters(tags_in(one.get("Tags"))):
                clusters[cluster] = clusters.get(cluster, 0) + 1
        yield [_instance(asker.region, one, asker.now, sizes) for one in found]
    seen.instances, seen.images_used, seen.eks_instances = halted, images, clusters


async def _volume_usage(asker: Asker) -> Mapping[str, list[UsageItem]]:
    """What the volumes of stopped instances are priced from, by instance."""
    stopped = {
        one["InstanceId"]
        for reservation in await asker.all_of(
            "ec2",
            "describe_instances",
            "Reservations",
            MaxResults=1000,
            Filters=[{"Name": "instance-state-name", "Values": ["stopped"]}],
        )
        for one in reservation["Instances"]
    }
    usage: dict[str, list[UsageItem]] = {}
    if stopped:
        async for page in asker.pages("ec2", "describe_volumes", "Volumes", MaxResults=500):
            for volume in page:
                for bound in volume.get("Attachments", []):
                    if bound.get("InstanceId") in stopped:
                        usage.setdefault(bound["InstanceId"], []).extend(_volume_items(volume))
    return usage


def stopped_at(instance: Mapping[str, Any], now: datetime) -> datetime:
    """When an instance was stopped; the moment is written into a sentence, and where it is not, it is now.

    >>> stopped_at({"StateTransitionReason": "User initiated (2026-01-05 10:00:00 GMT)"}, None).isoformat()
    '2026-01-05T10:00:00+00:00'
    """
    written = _STOPPED_AT.search(instance.get("StateTransitionReason", ""))
    return datetime.strptime(written[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if written else now


def _clusters(tags: Mapping[str, str]) -> set[str]:
    named = {key.removeprefix(_CLUSTER_TAG) for key in tags if key.startswith(_CLUSTER_TAG)}
    return named | ({tags[_EKS_TAG]} if _EKS_TAG in tags else set())


def _instance(region: str, one: Mapping[str, Any], now: datetime, volumes: Mapping[str, list[UsageItem]]) -> Described:
    tags, instance_id = tags_in(one.get("Tags")), one["InstanceId"]
    is_stopped = one["State"]["Name"] in _HALTED
    # As elsewhere, the on-demand Linux price stands for all.
    running = (UsageItem(f"ec2/{one['InstanceType']}", 1),)
    return Described(
        kind="instance",
        region=region,
        resource_id=instance_id,
        name=tags.get("Name", ""),
        known_as=("ec2", instance_id),
        created_at=one["LaunchTime"],
        changed_at=stopped_at(one, now) if is_stopped else None,
        usage=tuple(volumes.get(instance_id, ())) if is_stopped else running,
        traits=frozenset({"stopped"} if is_stopped else {"running", *_bought(one, tags)}),
        words={"type": one["InstanceType"]},
        tags=tags,
        # What is stopped has no metrics, and each question would cost.
        dimensions=() if is_stopped else ((("InstanceId", instance_id),),),
    )


def _bought(one: Mapping[str, Any], tags: Mapping[str, str]) -> set[str]:
    """Whether its own type may be changed: not at a spot price, and not made by an autoscaling group."""
    return set() if one.get("InstanceLifecycle") or GROUP_TAG in tags else {"on_demand"}


async def volumes(asker: Asker) -> Found:
    """EBS volumes, with what became of the instance they are attached to."""
    async for page in asker.pages("ec2", "describe_volumes", "Volumes", MaxResults=500):
        yield [_volume(asker, one) for one in page if one.get("State") in {"available", "in-use"}]
    require_seen(asker.region, asker.seen.instances, "instances")


def _volume(asker: Asker, one: Mapping[str, Any]) -> Described:
    tags, volume_id = tags_in(one.get("Tags")), one["VolumeId"]
    bound = next((str(place.get("InstanceId", "")) for place in one.get("Attachments", [])), "")
    since = (asker.seen.instances or {}).get(bound)
    on_stopped = {"on_stopped"} if since else set()
    return Described(
        kind="volume",
        region=asker.region,
        resource_id=volume_id,
        name=tags.get("Name", ""),
        known_as=("ec2", volume_id),
        created_at=one.get("CreateTime"),
        changed_at=since,
        usage=_volume_items(one),
        traits=frozenset({"attached", *on_stopped} if one.get("State") == "in-use" else ()),
        numbers={"gb": one.get("Size", 0), "iops": one.get("Iops", 0)},
        words={"type": one.get("VolumeType", ""), "instance": bound},
        tags=tags,
        dimensions=((("VolumeId", volume_id),),),
    )


def _volume_items(one: Mapping[str, Any]) -> tuple[UsageItem, ...]:
    """Space, and operations where those are bought: gp3 has 3,000 for nothing."""
    kind = one.get("VolumeType", "standard")
    items = [UsageItem(f"ebs/{kind}/gb", one.get("Size", 0))]
    bought = {"io1": one.get("Iops", 0), "io2": one.get("Iops", 0), "gp3": one.get("Iops", 0) - 3000}.get(kind, 0)
    return (*items, UsageItem(f"ebs/{kind}/iops", bought)) if bought > 0 else tuple(items)


async def addresses(asker: Asker) -> Found:
    """Elastic addresses, with what became of the instance they are bound to."""
    answer = await asker.call("ec2", "describe_addresses")
    yield [_address(asker, one) for one in answer.get("Addresses", []) if one.get("AllocationId")]
    require_seen(asker.region, asker.seen.instances, "instances")


def _address(asker: Asker, one: Mapping[str, Any]) -> Described:
    tags, instance = tags_in(one.get("Tags")), one.get("InstanceId") or ""
    traits = {"bound"} if one.get("AssociationId") or one.get("NetworkInterfaceId") else set()
    since = (asker.seen.instances or {}).get(instance)
    return Described(
        kind="address",
        region=asker.region,
        resource_id=one["AllocationId"],
        name=tags.get("Name") or one.get("PublicIp", ""),
        known_as=("ec2", one["AllocationId"]),
        changed_at=since,
        usage=(UsageItem("ipv4/hour", 1),),
        traits=frozenset(traits | ({"on_stopped"} if since else set())),
        words={"instance": instance, "association": one.get("AssociationId", "")},
        tags=tags,
    )


async def nat_gateways(asker: Asker) -> Found:
    """NAT gateways, with whether a route leads to them."""
    gateways = [
        one
        for one in await asker.all_of("ec2", "describe_nat_gateways", "NatGateways", MaxResults=1000)
        if one.get("State") == "available"
    ]
    if not gateways:
        return
    routed = {
        route.get("NatGatewayId")
        async for page in asker.pages("ec2", "describe_route_tables", "RouteTables", MaxResults=100)
        for table in page
        for route in table.get("Routes", [])
    }
    yield [_nat(asker.region, one, is_routed=one["NatGatewayId"] in routed) for one in gateways]


def _nat(region: str, one: Mapping[str, Any], *, is_routed: bool) -> Described:
    tags, gateway_id = tags_in(one.get("Tags")), one["NatGatewayId"]
    return Described(
        kind="nat",
        region=region,
        resource_id=gateway_id,
        name=tags.get("Name", ""),
        known_as=("ec2", gateway_id),
        created_at=one.get("CreateTime"),
        usage=(UsageItem("nat/hour", 1),),
        traits=frozenset({"routes_known", *(["routed"] if is_routed else [])}),
        tags=tags,
        dimensions=((("NatGatewayId", gateway_id),),),
    )


async def endpoints(asker: Asker) -> Found:
    """Interface endpoints; gateway endpoints cost nothing."""
    async for page in asker.pages("ec2", "describe_vpc_endpoints", "VpcEndpoints", MaxResults=1000):
        yield [_endpoint(asker.region, one) for one in page if one.get("VpcEndpointType") == "Interface"]


def _endpoint(region: str, one: Mapping[str, Any]) -> Described:
    tags, endpoint_id = tags_in(one.get("Tags")), one["VpcEndpointId"]
    known = {
        "VPC Id": one.get("VpcId", ""),
        "VPC Endpoint Id": endpoint_id,
        "Endpoint Type": "Interface",
        "Service Name": one.get("ServiceName", ""),
    }
    return Described(
        kind="endpoint",
        region=region,
        resource_id=endpoint_id,
        name=tags.get("Name") or one.get("ServiceName", ""),
        known_as=("ec2", endpoint_id),
        created_at=one.get("CreationTimestamp"),
        usage=(UsageItem("vpce/interface/hour", max(1, len(one.get("SubnetIds", [])))),),
        tags=tags,
        dimensions=(tuple(known.items()),),
    )

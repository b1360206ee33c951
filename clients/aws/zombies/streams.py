"""Streams, brokers and logs."""

from collections.abc import Mapping
from typing import Any

from clients.aws.zombies.asker import Asker, those_there
from clients.aws.zombies.ec2 import Found
from clients.aws.zombies.standing import steady
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

_GIGABYTE = 1e9
_MOST_BROKERS = 100
# An hour on demand costs as much as that of not quite three shards.
_WORTH_ON_DEMAND = 3
_ENDED = frozenset({"DELETING", "FAILED"})


async def streams(asker: Asker) -> Found:
    """Streams of Kinesis."""
    async for names in asker.pages("kinesis", "list_streams", "StreamNames"):
        answers = await those_there(asker.call("kinesis", "describe_stream_summary", StreamName=name) for name in names)
        yield [_stream(asker, answer["StreamDescriptionSummary"]) for answer in answers]


def _stream(asker: Asker, one: Mapping[str, Any]) -> Described:
    name, arn = one["StreamName"], one.get("StreamARN", "")
    on_demand = (one.get("StreamModeDetails") or {}).get("StreamMode") == "ON_DEMAND"
    shards = 0 if on_demand else int(one.get("OpenShardCount", 1))
    usage = UsageItem("kinesis/shard", shards) if shards else UsageItem("kinesis/on-demand/stream", 1)
    return Described(
        kind="stream",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=arn,
        known_as=("kinesis", name),
        created_at=one.get("StreamCreationTimestamp"),
        usage=(usage,),
        words={"sharded": arn} if shards >= _WORTH_ON_DEMAND else {},
        tags=asker.tags_of(arn),
        dimensions=((("StreamName", name),),),
    )


async def brokers(asker: Asker) -> Found:
    """Provisioned clusters of MSK. Each broker has its own metrics."""
    async for page in asker.pages("kafka", "list_clusters_v2", "ClusterInfoList", ClusterTypeFilter="PROVISIONED"):
        yield [_cluster(asker, one) for one in page if one.get("State") not in _ENDED]


def _cluster(asker: Asker, one: Mapping[str, Any]) -> Described:
    name, arn, inner = one["ClusterName"], one["ClusterArn"], one.get("Provisioned") or {}
    group, count = inner.get("BrokerNodeGroupInfo") or {}, inner.get("NumberOfBrokerNodes", 0)
    kind = group.get("InstanceType", "unknown").removeprefix("kafka.")
    disk = ((group.get("StorageInfo") or {}).get("EbsStorageInfo") or {}).get("VolumeSize", 0)
    return Described(
        kind="kafka",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=arn,
        known_as=("kafka", arn),
        created_at=one.get("CreationTime"),
        traits=steady(one.get("State"), "ACTIVE"),
        usage=(UsageItem(f"msk/{kind}", count), UsageItem("msk/storage/gb", disk * count)),
        tags=one.get("Tags") or {},
        dimensions=tuple(
            (("Cluster Name", name), ("Broker ID", str(broker))) for broker in range(1, min(count, _MOST_BROKERS) + 1)
        ),
    )


async def log_groups(asker: Asker) -> Found:
    """Log groups, with how much they hold."""
    async for page in asker.pages("logs", "describe_log_groups", "logGroups", follow="nextToken", limit=50):
        yield [
            Described(
                kind="log_group",
                region=asker.region,
                resource_id=one["logGroupName"],
                name=one["logGroupName"],
                arn=one.get("arn", "").removesuffix(":*"),
                known_as=("logs", one["logGroupName"]),
                traits=frozenset({"retention"} if one.get("retentionInDays") else ()),
                numbers={"gb": one.get("storedBytes", 0) / _GIGABYTE},
                tags=asker.tags_of(one.get("arn", "").removesuffix(":*")),
            )
            for one in page
        ]

"""Caches: nodes that stand alone, Memcached clusters, and replication groups, whose nodes AWS deletes together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clients.aws.zombies.asker import Asker
from clients.aws.zombies.ec2 import Found
from clients.aws.zombies.standing import STEADY, steady
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described


async def caches(asker: Asker) -> Found:
    """Caches of ElastiCache; a replication group is one."""
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    async for page in asker.pages(
        "elasticache", "describe_cache_clusters", "CacheClusters", follow="Marker", MaxRecords=100
    ):
        yield [_cache(asker, one) for one in page if not one.get("ReplicationGroupId")]
        for one in page:
            if one.get("ReplicationGroupId"):
                groups[one["ReplicationGroupId"]].append(one)
    yield [_group(asker, name, nodes) for name, nodes in groups.items()]


def _cache(asker: Asker, one: Mapping[str, Any]) -> Described:
    name, engine, arn = one["CacheClusterId"], one.get("Engine", "redis"), one.get("ARN", "")
    return Described(
        kind="memcached" if engine == "memcached" else "cache",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=arn,
        known_as=("elasticache", f"cluster:{name}"),
        created_at=one.get("CacheClusterCreateTime"),
        usage=(UsageItem(f"elasticache/{engine}/{one['CacheNodeType']}", one.get("NumCacheNodes", 1)),),
        traits=steady(one.get("CacheClusterStatus"), "available"),
        tags=asker.tags_of(arn),
        dimensions=((("CacheClusterId", name),),),
    )


def _group(asker: Asker, name: str, nodes: Sequence[Mapping[str, Any]]) -> Described:
    """What its nodes are together; as old as the oldest of them, and on its way while one of them is."""
    parts = [_cache(asker, one) for one in nodes]
    return msgspec.structs.replace(
        parts[0],
        kind="cache_group",
        resource_id=name,
        name=name,
        known_as=("elasticache", f"replicationgroup:{name}"),
        created_at=min((part.created_at for part in parts if part.created_at), default=None),
        usage=tuple(item for part in parts for item in part.usage),
        traits=STEADY.union(*(part.traits for part in parts)),
        numbers={"nodes": len(parts)},
        tags=next((part.tags for part in parts if part.tags), {}),
        dimensions=tuple(dimensions for part in parts for dimensions in part.dimensions),
    )

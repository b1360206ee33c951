"""ElastiCache: single clusters, replication groups and serverless caches.

Ids are ``cluster:web``, ``replicationgroup:web`` and ``serverlesscache:web``, as in ARNs.
"""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import (
    asked,
    asked_number,
    bare,
    changed,
    needed,
    nodes,
    started,
    told,
    told_number,
    use,
)
from engine.fields import get, items, number, text
from engine.models.cost_event import UsageItem

_SOURCE = "elasticache.amazonaws.com"
_UNKNOWN_TYPE = "cache_cluster"
_SERVERLESS = "serverless_cache"
_DEFAULT_ENGINE = "redis"
# What a serverless cache stores at least, in GB, is billed even when it is empty.
_LEAST_STORED = {"valkey": 0.1}
_DEFAULT_LEAST_STORED = 1.0


def _create_cluster(call: Call) -> tuple[Part, ...]:
    return started(_node_type(call), needed(call, _cluster(call)), _usage(call, asked_number(call, "numCacheNodes")))


def _modify_cluster(call: Call) -> tuple[Part, ...]:
    if not get(call.request, "cacheNodeType") and not get(call.request, "numCacheNodes"):
        return ()
    return changed(_node_type(call), _cluster(call), _usage(call, asked_number(call, "numCacheNodes")))


def _create_group(call: Call) -> tuple[Part, ...]:
    return started(_node_type(call), needed(call, _group(call)), _usage(call, _members(call) or _planned(call)))


def _planned(call: Call) -> float | None:
    """Node groups times (replicas + 1), in any of the ways in which they can be asked for."""
    groups = items(call.request, "nodeGroupConfiguration")
    if any("replicaCount" in one for one in groups):
        return sum((number(one, "replicaCount") or 0) + 1 for one in groups)
    replicas = number(call.request, "replicasPerNodeGroup") or 0
    count = number(call.request, "numNodeGroups") or len(groups)
    return count * (replicas + 1) if count else number(call.request, "numCacheClusters")


def _modify_group(call: Call) -> tuple[Part, ...]:
    if not get(call.request, "cacheNodeType"):
        return ()
    return changed(_node_type(call), _group(call), _usage(call, _members(call)))


def _change_replicas(call: Call) -> tuple[Part, ...]:
    replicas = number(call.request, "newReplicaCount")
    if replicas is None:
        return ()
    return changed(_node_type(call), _group(call), _usage(call, _shards(call) * (replicas + 1)))


def _change_shards(call: Call) -> tuple[Part, ...]:
    """New shards get as many replicas as the present ones have."""
    wanted = number(call.request, "nodeGroupCount")
    if not wanted:
        return ()
    per_shard = max(1.0, (_members(call) or 0) / _shards(call))
    return changed(_node_type(call), _group(call), _usage(call, wanted * per_shard))


def _shards(call: Call) -> int:
    return len(items(call.response, "nodeGroups")) or 1


def _members(call: Call) -> float | None:
    members = get(call.response, "memberClusters")
    return float(len(members)) if isinstance(members, list) and members else None


def _node_type(call: Call) -> str:
    return asked(call, "cacheNodeType") or _UNKNOWN_TYPE


def _usage(call: Call, count: float | None) -> tuple[UsageItem, ...]:
    node_type = asked(call, "cacheNodeType")
    if not node_type:
        return ()
    return (use(f"elasticache/{_engine(call)}/{node_type}", nodes(count)),)


def _engine(call: Call) -> str:
    return (asked(call, "engine", "serverlessCache.engine") or _DEFAULT_ENGINE).lower()


def _create_serverless(call: Call) -> tuple[Part, ...]:
    engine = _engine(call)
    least = told_number(
        call, "serverlessCache.cacheUsageLimits.dataStorage.minimum", "cacheUsageLimits.dataStorage.minimum"
    )
    gigabytes = max(least or 0.0, _LEAST_STORED.get(engine, _DEFAULT_LEAST_STORED))
    usage = use(f"elasticache/serverless/{engine}/gb", gigabytes)
    return started(_SERVERLESS, needed(call, _serverless(call)), [usage])


def _delete_cluster(call: Call) -> tuple[Part, ...]:
    return stopped(_UNKNOWN_TYPE, _cluster(call))


def _delete_group(call: Call) -> tuple[Part, ...]:
    return stopped(_UNKNOWN_TYPE, _group(call))


def _delete_serverless(call: Call) -> tuple[Part, ...]:
    return stopped(_SERVERLESS, _serverless(call))


def _cluster(call: Call) -> str | None:
    return _id("cluster", told(call, "cacheClusterId"))


def _group(call: Call) -> str | None:
    return _id("replicationgroup", told(call, "replicationGroupId"))


def _serverless(call: Call) -> str | None:
    return _id(
        "serverlesscache",
        text(call.request, "serverlessCacheName") or told(call, "serverlessCache.serverlessCacheName"),
    )


def _id(prefix: str, name: str | None) -> str | None:
    """Names are not told apart by case, and AWS keeps them in lower case."""
    return f"{prefix}:{bare(name).lower()}" if name else None


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateCacheCluster"): _create_cluster,
    (_SOURCE, "ModifyCacheCluster"): _modify_cluster,
    (_SOURCE, "DeleteCacheCluster"): _delete_cluster,
    (_SOURCE, "CreateReplicationGroup"): _create_group,
    (_SOURCE, "ModifyReplicationGroup"): _modify_group,
    (_SOURCE, "IncreaseReplicaCount"): _change_replicas,
    (_SOURCE, "DecreaseReplicaCount"): _change_replicas,
    (_SOURCE, "ModifyReplicationGroupShardConfiguration"): _change_shards,
    (_SOURCE, "DeleteReplicationGroup"): _delete_group,
    (_SOURCE, "CreateServerlessCache"): _create_serverless,
    (_SOURCE, "DeleteServerlessCache"): _delete_serverless,
}

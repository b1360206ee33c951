"""MemoryDB clusters, by node: shards times (replicas + 1)."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, asked_number, changed, needed, nodes, started, told, use
from engine.fields import text
from engine.models.cost_event import UsageItem
from engine.relative_usage import recount, retype

_SOURCE = "memorydb.amazonaws.com"
UNKNOWN_TYPE = "memorydb_cluster"
_DEFAULT_REPLICAS = 1.0


def _create(call: Call) -> tuple[Part, ...]:
    node_type = asked(call, "nodeType", "cluster.nodeType")
    count = nodes(_nodes(_shards(call) or 1.0, _replicas(call, _DEFAULT_REPLICAS)))
    usage = [use(f"memorydb/{node_type}", count)] if node_type else []
    return started(node_type or UNKNOWN_TYPE, needed(call, _cluster(call)), usage)


def _update(call: Call) -> tuple[Part, ...]:
    """A new type for the nodes, or another number of them; shards alone do not tell how many nodes they have."""
    node_type = text(call.request, "nodeType")
    count = _nodes(_shards(call), _replicas(call))
    usage: list[UsageItem] = [retype(f"memorydb/{node_type}")] if node_type else []
    if not usage and count is not None and _is_resized(call):
        usage = [recount(nodes(count))]
    return changed(node_type or UNKNOWN_TYPE, _cluster(call), usage) if usage else ()


def _is_resized(call: Call) -> bool:
    return "shardConfiguration" in call.request or "replicaConfiguration" in call.request


def _nodes(shards: float | None, replicas: float | None) -> float | None:
    return None if shards is None or replicas is None else shards * (replicas + 1)


def _shards(call: Call) -> float | None:
    return asked_number(call, "shardConfiguration.shardCount", "numShards", "cluster.numberOfShards")


def _replicas(call: Call, otherwise: float | None = None) -> float | None:
    found = asked_number(call, "replicaConfiguration.replicaCount", "numReplicasPerShard")
    return otherwise if found is None else found


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, _cluster(call))


def _cluster(call: Call) -> str | None:
    return told(call, "cluster.name", "clusterName")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateCluster"): _create,
    (_SOURCE, "UpdateCluster"): _update,
    (_SOURCE, "DeleteCluster"): _delete,
}

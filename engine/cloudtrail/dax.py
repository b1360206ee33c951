"""DynamoDB Accelerator (DAX): clusters of equal nodes."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, asked_number, changed, needed, nodes, started, told, use
from engine.fields import number
from engine.relative_usage import recount

_SOURCE = "dax.amazonaws.com"
UNKNOWN_TYPE = "dax_cluster"


def _create(call: Call) -> tuple[Part, ...]:
    node_type = asked(call, "nodeType", "cluster.nodeType")
    count = nodes(asked_number(call, "replicationFactor", "cluster.totalNodes"))
    usage = [use(f"dax/{node_type}", count)] if node_type else []
    return started(node_type or UNKNOWN_TYPE, needed(call, _cluster(call)), usage)


def _resize(call: Call) -> tuple[Part, ...]:
    count = number(call.request, "newReplicationFactor")
    return changed(UNKNOWN_TYPE, _cluster(call), [recount(nodes(count))]) if count else ()


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, _cluster(call))


def _cluster(call: Call) -> str | None:
    return told(call, "cluster.clusterName", "clusterName")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateCluster"): _create,
    (_SOURCE, "IncreaseReplicationFactor"): _resize,
    (_SOURCE, "DecreaseReplicationFactor"): _resize,
    (_SOURCE, "DeleteCluster"): _delete,
}

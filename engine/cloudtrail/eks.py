"""EKS control planes. Nodes arrive as RunInstances and pods on Fargate are never called for: both cost nothing here."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import needed, started, told
from engine.models.cost_event import UsageItem

_SOURCE = "eks.amazonaws.com"
CLUSTER = "eks_cluster"


def _create(call: Call) -> tuple[Part, ...]:
    return started(CLUSTER, needed(call, _name(call)), [UsageItem("eks/cluster", 1)])


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(CLUSTER, _name(call))


def _name(call: Call) -> str | None:
    return told(call, "cluster.name", "name")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateCluster"): _create,
    (_SOURCE, "DeleteCluster"): _delete,
}

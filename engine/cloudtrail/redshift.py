"""Redshift: provisioned clusters by node, serverless workgroups by their base capacity."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, asked_number, changed, needed, nodes, started, told, told_number, use
from engine.fields import get
from engine.models.cost_event import UsageItem

_SOURCE = "redshift.amazonaws.com"
_SERVERLESS_SOURCE = "redshift-serverless.amazonaws.com"
_UNKNOWN_TYPE = "redshift_cluster"
WORKGROUP = "redshift_workgroup"
_DEFAULT_CAPACITY = 128.0


def _create(call: Call) -> tuple[Part, ...]:
    return started(_node_type(call), needed(call, _cluster(call)), _usage(call))


def _modify(call: Call) -> tuple[Part, ...]:
    if not get(call.request, "nodeType") and not get(call.request, "numberOfNodes"):
        return ()
    return changed(_node_type(call), _cluster(call), _usage(call))


def _stop(call: Call) -> tuple[Part, ...]:
    return stopped(_UNKNOWN_TYPE, _cluster(call))


def _cluster(call: Call) -> str | None:
    return told(call, "clusterIdentifier", "cluster.clusterIdentifier")


def _node_type(call: Call) -> str:
    return asked(call, "nodeType", "cluster.nodeType") or _UNKNOWN_TYPE


def _usage(call: Call) -> tuple[UsageItem, ...]:
    """A single-node cluster names no number. Without a type, history has to know it."""
    node_type = asked(call, "nodeType", "cluster.nodeType")
    count = asked_number(call, "numberOfNodes", "cluster.numberOfNodes")
    return (use(f"redshift/{node_type}", nodes(count)),) if node_type else ()


def _create_workgroup(call: Call) -> tuple[Part, ...]:
    return started(WORKGROUP, needed(call, _workgroup(call)), [_capacity(call)], ["only while queries run"])


def _update_workgroup(call: Call) -> tuple[Part, ...]:
    if not get(call.request, "baseCapacity"):
        return ()
    return changed(WORKGROUP, _workgroup(call), [_capacity(call)], ["only while queries run"])


def _delete_workgroup(call: Call) -> tuple[Part, ...]:
    return stopped(WORKGROUP, _workgroup(call))


def _workgroup(call: Call) -> str | None:
    return told(call, "workgroupName", "workgroup.workgroupName")


def _capacity(call: Call) -> UsageItem:
    """The dearest this is without scaling out: what an idle workgroup costs is its storage only."""
    capacity = told_number(call, "baseCapacity", "workgroup.baseCapacity") or _DEFAULT_CAPACITY
    return use("redshift/serverless/rpu", asked_number(call, "baseCapacity") or capacity)


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateCluster"): _create,
    (_SOURCE, "RestoreFromClusterSnapshot"): _create,
    (_SOURCE, "ResumeCluster"): _create,
    (_SOURCE, "ResizeCluster"): _modify,
    (_SOURCE, "ModifyCluster"): _modify,
    (_SOURCE, "PauseCluster"): _stop,
    (_SOURCE, "DeleteCluster"): _stop,
    (_SERVERLESS_SOURCE, "CreateWorkgroup"): _create_workgroup,
    (_SERVERLESS_SOURCE, "UpdateWorkgroup"): _update_workgroup,
    (_SERVERLESS_SOURCE, "DeleteWorkgroup"): _delete_workgroup,
}

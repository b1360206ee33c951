"""Snapshots of databases and clusters. What is stored is billed, and at most that is the size of the database.

Ids are ``snapshot:nightly`` and ``cluster-snapshot:nightly``, as in ARNs.
"""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import bare, needed, started, told, told_number, use
from engine.fields import text
from engine.models.cost_event import UsageItem
from engine.relative_usage import like

_SOURCE = "rds.amazonaws.com"
_SKU = "rds/snapshot/gb"
_LABELS = ("upper bound",)
# Their storage grows by itself, and the size their answers tell is a placeholder.
_GROWING_ENGINES = ("aurora", "docdb", "neptune")


def _create(call: Call) -> tuple[Part, ...]:
    return started(_resource_type(call), needed(call, _snapshot_id(call)), _usage(call), _LABELS)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(_resource_type(call), _snapshot_id(call))


def _usage(call: Call) -> tuple[UsageItem, ...]:
    """A copy is as large as what it was made of, where that was seen in this Region; else its price is unknown."""
    gigabytes = told_number(call, "allocatedStorage")
    grows = (told(call, "engine") or "").startswith(_GROWING_ENGINES)
    if gigabytes and not grows:
        return (use(_SKU, gigabytes),)
    source = text(call.request, f"source{_field(call)}")
    return (like(f"{_prefix(call)}:{bare(source)}"),) if source else ()


def _snapshot_id(call: Call) -> str | None:
    field = _field(call)
    name = told(call, f"{field[0].lower()}{field[1:]}", f"target{field}")
    return f"{_prefix(call)}:{bare(name)}" if name else None


def _field(call: Call) -> str:
    return "DBClusterSnapshotIdentifier" if _is_of_cluster(call) else "DBSnapshotIdentifier"


def _prefix(call: Call) -> str:
    return "cluster-snapshot" if _is_of_cluster(call) else "snapshot"


def _resource_type(call: Call) -> str:
    return "db_cluster_snapshot" if _is_of_cluster(call) else "db_snapshot"


def _is_of_cluster(call: Call) -> bool:
    return "Cluster" in call.name


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateDBSnapshot"): _create,
    (_SOURCE, "CreateDBClusterSnapshot"): _create,
    (_SOURCE, "CopyDBSnapshot"): _create,
    (_SOURCE, "CopyDBClusterSnapshot"): _create,
    (_SOURCE, "DeleteDBSnapshot"): _delete,
    (_SOURCE, "DeleteDBClusterSnapshot"): _delete,
}

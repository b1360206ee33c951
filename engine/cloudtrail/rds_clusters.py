"""Clusters of Aurora, DocumentDB and Neptune, Multi-AZ clusters of RDS, and RDS Proxy. Their members are in `rds`.

Ids are ``cluster:orders``, as in ARNs, because a member often has the cluster's own name.
"""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, asked_number, bare, changed, needed, started, told, use
from engine.fields import get, items, text
from engine.models.cost_event import UsageItem

_SOURCE = "rds.amazonaws.com"
CLUSTER = "db_cluster"
PROXY = "db_proxy"
IDLE_SKU = "rds/idle/cluster"
_CAPACITY = "serverlessV2ScalingConfiguration"
# A Multi-AZ cluster has a writer and two readable standbys, each with a copy of the storage.
_MULTI_AZ_COPIES = 3
_DEFAULT_STORAGE = "gp3"
# A writer and fifteen readers are the most there can be; this leaves room to grow.
_MOST_MEMBERS = 100


def _create(call: Call) -> tuple[Part, ...]:
    cluster = needed(call, _cluster_id(call))
    return started(_resource_type(call), cluster, _usage(call), _labels(call))


def _modify(call: Call) -> tuple[Part, ...]:
    """Most modifications cost nothing; only capacity and class do."""
    if not get(call.request, _CAPACITY) and not text(call.request, "dBClusterInstanceClass"):
        return ()
    return changed(_resource_type(call), _cluster_id(call), _usage(call), _labels(call))


def _resource_type(call: Call) -> str:
    if asked_number(call, f"{_CAPACITY}.maxCapacity"):
        return "aurora_serverless_v2"
    return asked(call, "dBClusterInstanceClass") or CLUSTER


def _usage(call: Call) -> tuple[UsageItem, ...]:
    """Serverless capacity is billed from its minimum on; else the members are what costs, and say so themselves."""
    least = asked_number(call, f"{_CAPACITY}.minCapacity")
    if least is not None:
        return (use("aurora/acu", least),)
    db_class = asked(call, "dBClusterInstanceClass")
    return _multi_az_usage(call, db_class) if db_class else (UsageItem(IDLE_SKU, 1),)


def _multi_az_usage(call: Call, db_class: str) -> tuple[UsageItem, ...]:
    instances = use(f"rds/{told(call, 'engine') or 'unknown'}/{db_class}/single", _MULTI_AZ_COPIES)
    gigabytes = asked_number(call, "allocatedStorage")
    if not gigabytes:
        return (instances,)
    storage = asked(call, "storageType") or _DEFAULT_STORAGE
    return instances, use(f"rds/storage/{storage}/gb", gigabytes * _MULTI_AZ_COPIES)


def _labels(call: Call) -> tuple[str, ...]:
    most = asked_number(call, f"{_CAPACITY}.maxCapacity")
    if most:
        return (f"up to {most:g} ACUs",)
    return ("multi-az",) if asked(call, "dBClusterInstanceClass") else ()


def _start(call: Call) -> tuple[Part, ...]:
    """A cluster starts and stops with its members; what each of them costs is in our own history."""
    ids = _with_members(call)
    parts = started(CLUSTER, ids[0]) if ids else ()
    return (*parts, *(part for member in ids[1:] for part in started("db_instance", member)))


def _stop(call: Call) -> tuple[Part, ...]:
    return stopped(CLUSTER, *_with_members(call))


def _with_members(call: Call) -> tuple[str, ...]:
    cluster = _cluster_id(call)
    members = (text(one, "dBInstanceIdentifier") for one in items(call.response, "dBClusterMembers")[:_MOST_MEMBERS])
    return (cluster, *dict.fromkeys(one for one in members if one)) if cluster else ()


def _cluster_id(call: Call) -> str | None:
    name = told(call, "dBClusterIdentifier")
    return f"cluster:{bare(name)}" if name else None


def _create_proxy(call: Call) -> tuple[Part, ...]:
    """A proxy costs by the vCPUs of the databases behind it, which nothing here tells: its price is unknown."""
    return started(PROXY, needed(call, _proxy_id(call)))


def _delete_proxy(call: Call) -> tuple[Part, ...]:
    return stopped(PROXY, _proxy_id(call))


def _proxy_id(call: Call) -> str | None:
    name = told(call, "dBProxyName", "dBProxy.dBProxyName")
    return f"db-proxy:{name}" if name else None


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateDBCluster"): _create,
    (_SOURCE, "RestoreDBClusterFromSnapshot"): _create,
    (_SOURCE, "RestoreDBClusterFromS3"): _create,
    (_SOURCE, "RestoreDBClusterToPointInTime"): _create,
    (_SOURCE, "ModifyDBCluster"): _modify,
    (_SOURCE, "StartDBCluster"): _start,
    (_SOURCE, "StopDBCluster"): _stop,
    (_SOURCE, "DeleteDBCluster"): _stop,
    (_SOURCE, "CreateDBProxy"): _create_proxy,
    (_SOURCE, "DeleteDBProxy"): _delete_proxy,
}

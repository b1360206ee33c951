"""RDS instances and what shares its event source: Aurora, DocumentDB and Neptune cluster members."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import flag, number, text
from engine.models.cost_event import Change, UsageItem

_SOURCE = "rds.amazonaws.com"
UNKNOWN_TYPE = "db_instance"
_DEFAULT_STORAGE = "gp2"
# What a serverless member uses is the capacity that its cluster announced.
_SERVERLESS = "db.serverless"
_COUNTED_WITH_CLUSTER = UsageItem("aurora/idle/member", 1)
# RDS sells 256 TiB at most; this leaves room to grow.
_MOST_GIGABYTES = 1_000_000.0


def _create(call: Call) -> tuple[Part, ...]:
    db_id = _identifier(call)
    if not db_id:
        raise MalformedRecord(f"{call.name} names no dBInstanceIdentifier")
    return _started(call, db_id)


def _modify(call: Call) -> tuple[Part, ...]:
    """Only a new class changes the instance's hourly price; most modifications do not touch it."""
    db_class, db_id = text(call.request, "dBInstanceClass"), _identifier(call)
    if not db_class or not db_id:
        return ()
    return (Part(Change.MODIFY, db_class, (db_id,), 1, _usage(call, db_class), _labels(call)),)


def _start(call: Call) -> tuple[Part, ...]:
    db_id = _identifier(call)
    return _started(call, db_id) if db_id else ()


def _started(call: Call, db_id: str) -> tuple[Part, ...]:
    """A record without a class (a replica takes its source's) still tells that something of unknown price runs."""
    db_class = _field(call, "dBInstanceClass")
    usage = _usage(call, db_class) if db_class else ()
    return (Part(Change.START, db_class or UNKNOWN_TYPE, (db_id,), 1, usage, _labels(call)),)


def _stop(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, _identifier(call))


def _identifier(call: Call) -> str | None:
    return _field(call, "dBInstanceIdentifier")


def _field(call: Call, name: str) -> str | None:
    return text(call.response, name) or text(call.request, name)


def _labels(call: Call) -> tuple[str, ...]:
    return ("multi-az",) if _is_multi_az(call) else ()


def _is_multi_az(call: Call) -> bool:
    return flag(call.response, "multiAZ") or flag(call.request, "multiAZ")


def _usage(call: Call, db_class: str) -> tuple[UsageItem, ...]:
    """Price the instance, and its storage where that is its own: members of a cluster share the cluster's."""
    if db_class == _SERVERLESS:
        return (_COUNTED_WITH_CLUSTER,)
    zones = "multi" if _is_multi_az(call) else "single"
    usage = [UsageItem(f"rds/{_field(call, 'engine') or 'unknown'}/{db_class}/{zones}", 1)]
    gigabytes = number(call.response, "allocatedStorage") or number(call.request, "allocatedStorage")
    if gigabytes and not _field(call, "dBClusterIdentifier"):
        storage = _field(call, "storageType") or _DEFAULT_STORAGE
        within(gigabytes, _MOST_GIGABYTES, "GB of storage")
        copies = 2 if zones == "multi" else 1
        usage.append(UsageItem(f"rds/storage/{storage}/gb", gigabytes * copies))
    return tuple(usage)


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateDBInstance"): _create,
    (_SOURCE, "CreateDBInstanceReadReplica"): _create,
    (_SOURCE, "RestoreDBInstanceFromDBSnapshot"): _create,
    (_SOURCE, "RestoreDBInstanceFromS3"): _create,
    (_SOURCE, "RestoreDBInstanceToPointInTime"): _create,
    (_SOURCE, "ModifyDBInstance"): _modify,
    (_SOURCE, "StartDBInstance"): _start,
    (_SOURCE, "StopDBInstance"): _stop,
    (_SOURCE, "DeleteDBInstance"): _stop,
}

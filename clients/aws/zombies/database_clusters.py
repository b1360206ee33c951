"""Multi-AZ clusters of MySQL and PostgreSQL: a writer and two readers, which AWS starts and deletes only together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clients.aws.zombies.asker import tags_in
from clients.aws.zombies.standing import RUNNING, steady
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

_ENGINES = frozenset({"mysql", "postgres"})


def is_of_multi_az(one: Mapping[str, Any]) -> bool:
    """Whether an instance is part of such a cluster; those of Aurora, DocumentDB and Neptune can be deleted alone.

    >>> is_of_multi_az({"Engine": "postgres", "DBClusterIdentifier": "orders"}), is_of_multi_az({"Engine": "postgres"})
    (True, False)
    """
    return bool(one.get("DBClusterIdentifier")) and one.get("Engine") in _ENGINES


def standing_of_database(one: Mapping[str, Any]) -> frozenset[str]:
    """Whether an instance runs or not; while it is copied or changed neither is said.

    One that is stopped has storage that is billed on, so it is not called stopped: not all of its money is saved.

    >>> standing_of_database({"DBInstanceStatus": "backing-up"})
    frozenset({'changing'})
    """
    state = one.get("DBInstanceStatus")
    return RUNNING if state == "available" else steady(state, "stopped")


def multi_az_clusters(region: str, members: Iterable[Mapping[str, Any]]) -> list[Described]:
    """Make one resource of each cluster's members: it is used if one of them is."""
    clusters: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in members:
        clusters[one["DBClusterIdentifier"]].append(one)
    return [_cluster(region, name, some) for name, some in clusters.items()]


def _cluster(region: str, name: str, members: Sequence[Mapping[str, Any]]) -> Described:
    each = [standing_of_database(one) for one in members]
    return Described(
        kind="database_cluster",
        region=region,
        resource_id=name,
        name=name,
        known_as=("rds", f"cluster:{name}"),
        created_at=min((one["InstanceCreateTime"] for one in members if one.get("InstanceCreateTime")), default=None),
        usage=tuple(item for one in members for item in _usage(one)),
        traits=next((traits for traits in each if traits != RUNNING), RUNNING),
        numbers={"instances": len(members)},
        tags=next((tags for one in members if (tags := tags_in(one.get("TagList")))), {}),
        dimensions=tuple((("DBInstanceIdentifier", one["DBInstanceIdentifier"]),) for one in members),
    )


def _usage(one: Mapping[str, Any]) -> list[UsageItem]:
    """Each has a copy of the storage."""
    items = [UsageItem(f"rds/{one['Engine']}/{one['DBInstanceClass']}/single", 1)]
    if one.get("AllocatedStorage"):
        items.append(UsageItem(f"rds/storage/{one.get('StorageType', 'gp3')}/gb", one["AllocatedStorage"]))
    return items

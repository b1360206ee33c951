"""Which databases are members of a cluster: AWS does not stop them alone."""

from collections.abc import Iterable

from engine.models.cost_event import UsageItem

_MEMBERS = ("rds/aurora", "rds/docdb/", "rds/neptune/", "aurora/idle/member")


def is_cluster_member(usage: Iterable[UsageItem]) -> bool:
    """Tell by what a database is priced from whether it is a member of a cluster of Aurora, DocumentDB or Neptune.

    >>> is_cluster_member((UsageItem("rds/docdb/db.r5.large/single", 1),))
    True
    >>> is_cluster_member((UsageItem("rds/postgres/db.r5.large/multi", 1),))
    False
    """
    return any(item.sku.startswith(_MEMBERS) for item in usage)

"""What a call tells of snapshots: that one was made of something, or that a deletion was to leave a last one behind.

Only what is looked for can be said to be missing: these are the snapshots of volumes, databases and database clusters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from engine.cloudtrail.family import Call
from engine.cloudtrail.telling import asked, bare, told
from engine.fields import flag, items, text
from engine.models.caution import Caution, CautionKind

_Pairs = Iterator[tuple[str | None, str | None]]
_SOURCES = ("dBSnapshotIdentifier", "snapshotIdentifier", "snapshotName")
_FINALS = (
    "finalDBSnapshotIdentifier",
    "finalClusterSnapshotIdentifier",
    "finalSnapshotIdentifier",
    "finalSnapshotName",
)
_SKIPS = ("skipFinalSnapshot", "skipFinalClusterSnapshot")
_MOST = 200


def find_snapshots(call: Call, at: datetime) -> tuple[Caution, ...]:
    """Give what a start tells: of what its snapshots are, or the snapshot it was made from.

    >>> from datetime import UTC
    >>> made = Call("CreateSnapshot", {"volumeId": "vol-1"}, {"snapshotId": "snap-1"})
    >>> [(one.name, one.of) for one in find_snapshots(made, datetime(2026, 1, 5, tzinfo=UTC))]
    [('snap-1', 'vol-1')]
    """
    if (pairs := _MADE.get(call.name)) is not None:
        found = (Caution(CautionKind.SNAPSHOT, name, of, at) for name, of in pairs(call) if name and of)
        return tuple(islice(found, _MOST))
    if call.name.startswith("Restore"):
        source = asked(call, *_SOURCES)
    else:
        source = told(call, "snapshotId") if call.name == "CreateVolume" else None
    return (Caution(CautionKind.RESTORED, bare(source)),) if source else ()


def find_final_snapshots(call: Call, resource_ids: Sequence[str], at: datetime) -> tuple[Caution, ...]:
    """Give what a deletion tells of a last snapshot; other ends, and deletions that tell nothing, give none.

    >>> from datetime import UTC
    >>> deletion = Call("DeleteDBInstance", {"finalDBSnapshotIdentifier": "orders-final"}, {})
    >>> [(one.name, one.of) for one in find_final_snapshots(deletion, ["orders"], datetime(2026, 1, 5, tzinfo=UTC))]
    [('orders-final', 'orders')]
    """
    if not resource_ids or not call.request:
        return ()
    name = next((found for key in _FINALS if (found := text(call.request, key))), None)
    if name:
        return (Caution(CautionKind.FINAL, bare(name), resource_ids[0], at),)
    if any(flag(call.request, key) for key in _SKIPS):
        return (Caution(CautionKind.NO_FINAL, "", resource_ids[0], at),)
    return ()


def _of_volume(call: Call) -> _Pairs:
    yield told(call, "snapshotId"), told(call, "volumeId")


def _of_volumes(call: Call) -> _Pairs:
    for one in items(call.response, "snapshotSet"):
        yield text(one, "snapshotId"), text(one, "volumeId")


def _of_database(call: Call) -> _Pairs:
    yield _bare(told(call, "dBSnapshotIdentifier")), _bare(told(call, "dBInstanceIdentifier"))


def _of_cluster(call: Call) -> _Pairs:
    cluster = _bare(told(call, "dBClusterIdentifier"))
    yield _bare(told(call, "dBClusterSnapshotIdentifier")), cluster and f"cluster:{cluster}"


def _bare(name: str | None) -> str | None:
    return bare(name) if name else None


_MADE: Mapping[str, Callable[[Call], _Pairs]] = {
    "CreateSnapshot": _of_volume,
    "CreateSnapshots": _of_volumes,
    "CreateDBSnapshot": _of_database,
    "CreateDBClusterSnapshot": _of_cluster,
}

"""EBS snapshots. Only changed blocks are billed, so the volume's size is the most that one can cost.

A machine image costs nothing but its snapshots, which CreateImage does not name: it is no cost event.
"""

from collections.abc import Mapping

from engine.cloudtrail.ec2_calls import answered, asked_text
from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import items, number, text
from engine.models.cost_event import Change, UsageItem

RESOURCE_TYPE = "ebs_snapshot"
UPPER_BOUND = "upper bound"
_SOURCE = "ec2.amazonaws.com"
_MOST_GIGABYTES = 1_000_000.0
_MOST_SNAPSHOTS = 1_000


def _create(call: Call) -> tuple[Part, ...]:
    """A copy names no size: it runs at a price that is not known."""
    answer = answered(call)
    snapshot = text(answer, "snapshotId")
    if not snapshot:
        raise MalformedRecord(f"{call.name} succeeded but names no snapshotId")
    return (_part((snapshot,), number(answer, "volumeSize")),)


def _create_many(call: Call) -> tuple[Part, ...]:
    """All volumes of an instance at once."""
    made = items(answered(call), "snapshotSet")
    within(len(made), _MOST_SNAPSHOTS, "snapshots")
    sizes = {snapshot: number(one, "volumeSize") for one in made if (snapshot := text(one, "snapshotId"))}
    if not sizes:
        raise MalformedRecord("CreateSnapshots succeeded but names no snapshotId")
    known = [size for size in sizes.values() if size is not None]
    return (_part(tuple(sizes), sum(known) if len(known) == len(sizes) else None),)


def _part(snapshots: tuple[str, ...], gigabytes: float | None) -> Part:
    count = len(snapshots)
    if not gigabytes:
        return Part(Change.START, RESOURCE_TYPE, snapshots, count)
    within(gigabytes, _MOST_GIGABYTES, "GB of snapshots")
    usage = (UsageItem("ebs/snapshot/gb", gigabytes),)
    return Part(Change.START, RESOURCE_TYPE, snapshots, count, usage, (UPPER_BOUND,))


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(RESOURCE_TYPE, asked_text(call, "snapshotId"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateSnapshot"): _create,
    (_SOURCE, "CreateSnapshots"): _create_many,
    (_SOURCE, "CopySnapshot"): _create,
    (_SOURCE, "DeleteSnapshot"): _delete,
}

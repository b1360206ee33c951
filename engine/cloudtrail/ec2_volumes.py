"""EBS volumes: gigabytes, and the IOPS and throughput above what comes with them."""

from collections.abc import Mapping

from engine.cloudtrail.ec2_calls import answered, asked
from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import Json, get, number, text
from engine.models.cost_event import Change, UsageItem

UNKNOWN_TYPE = "ebs_volume"
_SOURCE = "ec2.amazonaws.com"
_DEFAULT_TYPE = "gp2"
_FREE_IOPS = 3000.0
_FREE_MEBIBYTES = 125.0
# io2 gets cheaper in steps, in every Region by the same share of its first price.
_IO2_STEPS = ((32_000.0, 1.0), (64_000.0, 0.7), (float("inf"), 0.49))
# EBS sells 64 TiB, 256,000 IOPS and 2,000 MiB/s at most; this leaves room to grow.
_MOST_GIGABYTES = 1_000_000.0
_MOST_IOPS = 1_000_000.0
_MOST_MEBIBYTES = 100_000.0


def _create(call: Call) -> tuple[Part, ...]:
    """The answer tells what was made, also where the size comes from a snapshot and was not asked for."""
    volume = text(call.response, "volumeId")
    if not volume:
        raise MalformedRecord("CreateVolume succeeded but names no volumeId")
    return (_part(Change.START, volume, {**call.request, **call.response}),)


def _modify(call: Call) -> tuple[Part, ...]:
    """The answer tells all of the volume as it will be, also what the call left as it was."""
    found = get(answered(call), "volumeModification")
    volume = text(found, "volumeId")
    if not volume:
        return _modify_as_asked(call)
    kinds = ("size", "volumeType", "iops", "throughput")
    wanted = {kind: get(found, f"target{kind[0].upper()}{kind[1:]}") for kind in kinds}
    return (_part(Change.MODIFY, volume, wanted),)


def _modify_as_asked(call: Call) -> tuple[Part, ...]:
    """Without the answer, the price is known only if the call names type and size."""
    parameters = {f"{name[:1].lower()}{name[1:]}": value for name, value in asked(call).items()}
    volume = text(parameters, "volumeId")
    if not volume:
        raise MalformedRecord("ModifyVolume names no volume")
    if text(parameters, "volumeType") and number(parameters, "size"):
        return (_part(Change.MODIFY, volume, parameters),)
    return (Part(Change.MODIFY, text(parameters, "volumeType") or UNKNOWN_TYPE, (volume,)),)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(UNKNOWN_TYPE, text(call.request, "volumeId"))


def _part(change: Change, volume: str, described: Json) -> Part:
    volume_type = text(described, "volumeType") or _DEFAULT_TYPE
    gigabytes = number(described, "size")
    usage = () if gigabytes is None else _usage(volume_type, gigabytes, described)
    return Part(change, volume_type, (volume,), 1, usage)


def _usage(volume_type: str, gigabytes: float, described: Json) -> tuple[UsageItem, ...]:
    within(gigabytes, _MOST_GIGABYTES, "GB of a volume")
    iops = within(number(described, "iops") or 0.0, _MOST_IOPS, "IOPS")
    mebibytes = within(number(described, "throughput") or 0.0, _MOST_MEBIBYTES, "MiB/s")
    amounts = {"gb": gigabytes}
    if volume_type == "gp3":
        amounts |= {"iops": max(0.0, iops - _FREE_IOPS), "mibps": max(0.0, mebibytes - _FREE_MEBIBYTES)}
    elif volume_type in {"io1", "io2"}:
        amounts["iops"] = _stepped(iops) if volume_type == "io2" else iops
    return tuple(UsageItem(f"ebs/{volume_type}/{unit}", amount) for unit, amount in amounts.items() if amount)


def _stepped(iops: float) -> float:
    """As many IOPS at the first price as cost the same."""
    total, start = 0.0, 0.0
    for end, share in _IO2_STEPS:
        total += share * max(0.0, min(iops, end) - start)
        start = end
    return total


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateVolume"): _create,
    (_SOURCE, "ModifyVolume"): _modify,
    (_SOURCE, "DeleteVolume"): _delete,
}

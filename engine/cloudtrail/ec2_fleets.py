"""EC2 fleets. Only an instant fleet names its instances; those of others arrive as RunInstances of their own.

Where both name an instance, it is counted once, by its id.
"""

from collections.abc import Mapping

from engine.cloudtrail.ec2_calls import answered, asked, asked_text
from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.fields import Json, flag, items, text, texts
from engine.models.cost_event import Change, UsageItem

FLEET = "ec2_fleet"
_SOURCE = "ec2.amazonaws.com"
_MOST_INSTANCES = 10_000


def _create(call: Call) -> tuple[Part, ...]:
    kinds: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for group in items(answered(call), "fleetInstanceSet"):
        instance_type = text(group, "instanceType")
        if instance_type:
            kinds.setdefault((instance_type, _labels(group)), []).extend(texts(group, "instanceIds"))
    within(sum(map(len, kinds.values())), _MOST_INSTANCES, "instances")
    return tuple(_launch(*kind, tuple(dict.fromkeys(ids))) for kind, ids in kinds.items() if ids)


def _launch(instance_type: str, labels: tuple[str, ...], ids: tuple[str, ...]) -> Part:
    usage = (UsageItem(f"ec2/{instance_type}", len(ids)),)
    return Part(Change.START, instance_type, ids, len(ids), usage, labels)


def _labels(group: Json) -> tuple[str, ...]:
    spot = ("spot",) if text(group, "lifecycle") == "spot" else ()
    windows = ("windows",) if (text(group, "platform") or "").lower() == "windows" else ()
    return spot + windows


def _delete(call: Call) -> tuple[Part, ...]:
    """Ends the fleet; its instances end with it if so asked, each told by a TerminateInstances of the service."""
    parameters = asked(call)
    if not (flag(parameters, "TerminateInstances") or flag(parameters, "terminateInstances")):
        return ()
    deleted = [text(one, "fleetId") for one in items(answered(call), "successfulFleetDeletionSet")]
    within(len(deleted), _MOST_INSTANCES, "fleets")
    return stopped(FLEET, *(deleted or [asked_text(call, "fleetId")]))


def _evict(call: Call) -> tuple[Part, ...]:
    """EC2 takes spot instances back."""
    taken = texts(call.details, "instanceIdSet")
    within(len(taken), _MOST_INSTANCES, "instances")
    return stopped("ec2_instance", *taken)


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateFleet"): _create,
    (_SOURCE, "DeleteFleets"): _delete,
    (_SOURCE, "BidEvictedEvent"): _evict,
}

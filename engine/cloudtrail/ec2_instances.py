"""EC2 instances: run, start, stop, terminate, change of type."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import Json, flag, items, number, text
from engine.models.cost_event import Change, UsageItem

UNKNOWN_TYPE = "ec2_instance"
COUNT_FROM_REQUEST = "count-from-request"
ENDED_STATES = frozenset({"stopped", "stopping", "shutting-down", "terminated"})
_LIVE_STATES = frozenset({"pending", "running"})
# Ten times what one call can start, by AWS's advice and by the size of a record.
MOST_INSTANCES = 10_000
SHARED_TENANCY = "default"
GROUP_TAG = "aws:autoscaling:groupName"

# A type, and labels.
Kind = tuple[str, tuple[str, ...]]


def _run(call: Call) -> tuple[Part, ...]:
    """Group the started instances by what their price depends on; what counts is what started, never maxCount."""
    if flag(call.response, "omitted"):
        return _run_unlisted(call)
    launched = items(call.response, "instancesSet")
    within(len(launched), MOST_INSTANCES, "instances")
    if not launched:
        raise MalformedRecord("RunInstances succeeded but names no instance in responseElements.instancesSet")
    kinds: dict[str, Kind] = {}
    for instance in launched:
        instance_type = text(instance, "instanceType") or text(call.request, "instanceType")
        instance_id = text(instance, "instanceId")
        if not instance_type or not instance_id:
            raise MalformedRecord("RunInstances: an instance has no instanceType or no instanceId that is text")
        place = (
            text(instance, "instanceLifecycle"),
            text(instance, "platform"),
            text(instance, "placement", "tenancy"),
        )
        kinds[instance_id] = (instance_type, labels_of(*place))
    return launches(kinds, _autoscaling_group(launched[0]))


def launches(kinds: Mapping[str, Kind], group: str) -> tuple[Part, ...]:
    """Give a start for each kind of instance, of which ``kinds`` are by instance id.

    >>> launches({"i-1": ("m5.large", ()), "i-2": ("m5.large", ())}, "web")[0].resource_ids
    ('i-1', 'i-2')
    """
    groups: dict[Kind, list[str]] = {}
    for instance_id, kind in kinds.items():
        groups.setdefault(kind, []).append(instance_id)
    return tuple([_launch(*kind, ids, group) for kind, ids in groups.items()])


def _run_unlisted(call: Call) -> tuple[Part, ...]:
    """CloudTrail leaves out an answer over 100 KB, which is what a launch of a hundred has: believe the request.

    Nothing tells the ids, so the end of these instances cannot be seen; EC2 starts as many as it can up to maxCount.
    """
    asked = _requested(call.request)
    instance_type, count = text(call.request, "instanceType"), number(asked, "maxCount") or number(asked, "minCount")
    if not instance_type or not count:
        raise MalformedRecord("RunInstances: the answer is omitted, and the request tells no type or no count")
    quantity = int(within(count, MOST_INSTANCES, "instances"))
    usage = (UsageItem(f"ec2/{instance_type}", quantity),)
    return (Part(Change.START, instance_type, (), quantity, usage, (COUNT_FROM_REQUEST,)),)


def _requested(request: Json) -> Json:
    return next(iter(items(request, "instancesSet")), request)


def _launch(instance_type: str, labels: tuple[str, ...], ids: list[str], group: str) -> Part:
    usage = (UsageItem(f"ec2/{instance_type}", len(ids)),)
    return Part(Change.START, instance_type, tuple(ids), len(ids), usage, labels, group=group)


def _autoscaling_group(instance: Json) -> str:
    """What launched the instances, if that was a group: all of one call are tagged alike."""
    tags = (tag for tag in items(instance, "tagSet") if text(tag, "key") == GROUP_TAG)
    return next((group for tag in tags if (group := text(tag, "value"))), "")


def labels_of(lifecycle: str | None, platform: str | None, tenancy: str | None) -> tuple[str, ...]:
    """Name what makes the true price differ from the on-demand Linux list price.

    >>> labels_of("spot", None, "default"), labels_of(None, "windows", "dedicated")
    (('spot',), ('windows', 'dedicated'))
    """
    labels = []
    if lifecycle == "spot":
        labels.append("spot")
    if platform == "windows":
        labels.append("windows")
    if tenancy and tenancy != SHARED_TENANCY:
        labels.append(tenancy)
    return tuple(labels)


def _start(call: Call) -> tuple[Part, ...]:
    """Only ids are told; the type is in our own history of them. What ran already is not started."""
    ids = _changed_ids(call, unless=_LIVE_STATES)
    return (Part(Change.START, UNKNOWN_TYPE, ids, len(ids)),) if ids else ()


def _stop(call: Call) -> tuple[Part, ...]:
    """Stopping what was stopped already ends no cost: only instances whose state changed count."""
    return stopped(UNKNOWN_TYPE, *_changed_ids(call, unless=ENDED_STATES))


def _changed_ids(call: Call, *, unless: frozenset[str]) -> tuple[str, ...]:
    """The instances that were not in such a state before; the request names them all where the answer is missing."""
    named = items(call.response, "instancesSet") or items(call.request, "instancesSet")
    within(len(named), MOST_INSTANCES, "instances")
    changed = (text(one, "instanceId") for one in named if text(one, "previousState", "name") not in unless)
    return tuple(dict.fromkeys(instance_id for instance_id in changed if instance_id))


def _modify(call: Call) -> tuple[Part, ...]:
    """The new type stands in an attribute of its own, or as the value of the attribute that is named."""
    instance_type, instance_id = text(call.request, "instanceType"), text(call.request, "instanceId")
    if not instance_type and text(call.request, "attribute") == "instanceType":
        instance_type = text(call.request, "value")
    if not instance_type or not instance_id:
        return ()
    usage = (UsageItem(f"ec2/{instance_type}", 1),)
    return (Part(Change.MODIFY, instance_type, (instance_id,), 1, usage),)


PARSERS: Mapping[tuple[str, str], Parser] = {
    ("ec2.amazonaws.com", "RunInstances"): _run,
    ("ec2.amazonaws.com", "StartInstances"): _start,
    ("ec2.amazonaws.com", "StopInstances"): _stop,
    ("ec2.amazonaws.com", "TerminateInstances"): _stop,
    ("ec2.amazonaws.com", "ModifyInstanceAttribute"): _modify,
}

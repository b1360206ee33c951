"""EC2 instances: run, start, stop, terminate, change of type."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.errors import MalformedRecord
from engine.fields import Json, get, items, text
from engine.models.cost_event import Change, UsageItem

UNKNOWN_TYPE = "ec2_instance"
_ENDED_STATES = frozenset({"stopped", "stopping", "shutting-down", "terminated"})
_SHARED_TENANCY = "default"


def _run(call: Call) -> tuple[Part, ...]:
    """Group the started instances by what their price depends on; what counts is what started, never maxCount."""
    launched = items(call.response, "instancesSet")
    if not launched:
        raise MalformedRecord("RunInstances succeeded but names no instance in responseElements.instancesSet")
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for instance in launched:
        instance_type = text(instance, "instanceType") or text(call.request, "instanceType")
        instance_id = text(instance, "instanceId")
        if not instance_type or not instance_id:
            raise MalformedRecord("RunInstances: an instance has no instanceType or no instanceId that is text")
        groups.setdefault((instance_type, _labels(instance)), []).append(instance_id)
    return tuple(_launch(kind, labels, ids) for (kind, labels), ids in groups.items())


def _launch(instance_type: str, labels: tuple[str, ...], ids: list[str]) -> Part:
    usage = (UsageItem(f"ec2/{instance_type}", len(ids)),)
    return Part(Change.START, instance_type, tuple(ids), len(ids), usage, labels)


def _labels(instance: Json) -> tuple[str, ...]:
    """Name what makes the true price differ from the on-demand Linux list price."""
    labels = []
    if text(instance, "instanceLifecycle") == "spot":
        labels.append("spot")
    if text(instance, "platform") == "windows":
        labels.append("windows")
    tenancy = text(instance, "placement", "tenancy")
    if tenancy and tenancy != _SHARED_TENANCY:
        labels.append(tenancy)
    return tuple(labels)


def _start(call: Call) -> tuple[Part, ...]:
    """Only ids are told; the type is in our own history of them."""
    ids = _instance_ids(call)
    return (Part(Change.START, UNKNOWN_TYPE, ids, len(ids)),) if ids else ()


def _stop(call: Call) -> tuple[Part, ...]:
    """Stopping what was stopped already ends no cost: only instances whose state changed count."""
    ended = [
        text(instance, "instanceId")
        for instance in items(call.response, "instancesSet") or items(call.request, "instancesSet")
        if get(instance, "previousState", "name") not in _ENDED_STATES
    ]
    return stopped(UNKNOWN_TYPE, *ended)


def _instance_ids(call: Call) -> tuple[str, ...]:
    found = items(call.response, "instancesSet") or items(call.request, "instancesSet")
    return tuple(dict.fromkeys(i for i in (text(instance, "instanceId") for instance in found) if i))


def _modify(call: Call) -> tuple[Part, ...]:
    instance_type, instance_id = text(call.request, "instanceType"), text(call.request, "instanceId")
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

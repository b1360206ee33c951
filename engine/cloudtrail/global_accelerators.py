"""Global Accelerator: an accelerator costs by the hour, enabled or not. Its API lives in us-west-2 alone."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.errors import MalformedRecord
from engine.fields import text
from engine.models.cost_event import Change, UsageItem

RESOURCE_TYPE = "global_accelerator"
_SOURCE = "globalaccelerator.amazonaws.com"


def _create(call: Call) -> tuple[Part, ...]:
    accelerator = text(call.response, "accelerator", "acceleratorArn")
    if not accelerator:
        raise MalformedRecord(f"{call.name} succeeded but names no acceleratorArn")
    return (Part(Change.START, RESOURCE_TYPE, (accelerator,), 1, (UsageItem("globalaccelerator/hour", 1),)),)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(RESOURCE_TYPE, text(call.request, "acceleratorArn"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateAccelerator"): _create,
    (_SOURCE, "CreateCustomRoutingAccelerator"): _create,
    (_SOURCE, "DeleteAccelerator"): _delete,
    (_SOURCE, "DeleteCustomRoutingAccelerator"): _delete,
}

"""Public IPv4 addresses: each costs by the hour, in use or not."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.errors import MalformedRecord
from engine.fields import text
from engine.models.cost_event import Change, UsageItem

RESOURCE_TYPE = "public_ipv4"
_SOURCE = "ec2.amazonaws.com"
# Addresses a customer brought to AWS are not billed; this is how their pools are called.
_OWN_POOL = "ipv4pool-ec2-"


def _allocate(call: Call) -> tuple[Part, ...]:
    if (text(call.response, "publicIpv4Pool") or "").startswith(_OWN_POOL):
        return ()
    address = text(call.response, "allocationId") or text(call.response, "publicIp")
    if not address:
        raise MalformedRecord("AllocateAddress succeeded but names no allocationId")
    return (Part(Change.START, RESOURCE_TYPE, (address,), 1, (UsageItem("ipv4/hour", 1),)),)


def _release(call: Call) -> tuple[Part, ...]:
    return stopped(RESOURCE_TYPE, text(call.request, "allocationId") or text(call.request, "publicIp"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "AllocateAddress"): _allocate,
    (_SOURCE, "ReleaseAddress"): _release,
}

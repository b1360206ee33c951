"""NAT gateways. Newer EC2 calls wrap parameters and answer in an object named after the call."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.errors import MalformedRecord
from engine.fields import items, text
from engine.models.cost_event import Change, UsageItem

RESOURCE_TYPE = "nat_gateway"


def _create(call: Call) -> tuple[Part, ...]:
    created = items(call.response, "CreateNatGatewayResponse", "natGateway")
    gateway = next((found for one in created if (found := text(one, "natGatewayId"))), None)
    if not gateway:
        raise MalformedRecord("CreateNatGateway succeeded but names no natGatewayId")
    return (Part(Change.START, RESOURCE_TYPE, (gateway,), 1, (UsageItem("nat/hour", 1),)),)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(
        RESOURCE_TYPE,
        text(call.response, "DeleteNatGatewayResponse", "natGatewayId"),
        text(call.request, "DeleteNatGatewayRequest", "NatGatewayId"),
    )


PARSERS: Mapping[tuple[str, str], Parser] = {
    ("ec2.amazonaws.com", "CreateNatGateway"): _create,
    ("ec2.amazonaws.com", "DeleteNatGateway"): _delete,
}

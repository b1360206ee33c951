"""Transit gateways: each attachment costs by the hour, the gateway itself does not."""

from collections.abc import Mapping

from engine.cloudtrail.ec2_calls import answered, asked_text
from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.errors import MalformedRecord
from engine.fields import get, text
from engine.models.cost_event import Change, UsageItem

VPC_ATTACHMENT = "transit_gateway_vpc_attachment"
PEERING_ATTACHMENT = "transit_gateway_peering_attachment"
ATTACHMENT_SKU = "tgw/attachment/hour"
_SOURCE = "ec2.amazonaws.com"
_ID = "transitGatewayAttachmentId"


def _attach_vpc(call: Call) -> tuple[Part, ...]:
    return _attached(call, VPC_ATTACHMENT, text(get(answered(call), "transitGatewayVpcAttachment"), _ID))


def _attach_peer(call: Call) -> tuple[Part, ...]:
    return _attached(call, PEERING_ATTACHMENT, text(get(answered(call), "transitGatewayPeeringAttachment"), _ID))


def _attached(call: Call, resource_type: str, attachment: str | None) -> tuple[Part, ...]:
    if not attachment:
        raise MalformedRecord(f"{call.name} succeeded but names no {_ID}")
    return (Part(Change.START, resource_type, (attachment,), 1, (UsageItem(ATTACHMENT_SKU, 1),)),)


def _detach_vpc(call: Call) -> tuple[Part, ...]:
    return stopped(VPC_ATTACHMENT, asked_text(call, _ID))


def _detach_peer(call: Call) -> tuple[Part, ...]:
    return stopped(PEERING_ATTACHMENT, asked_text(call, _ID))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateTransitGatewayVpcAttachment"): _attach_vpc,
    (_SOURCE, "CreateTransitGatewayPeeringAttachment"): _attach_peer,
    (_SOURCE, "DeleteTransitGatewayVpcAttachment"): _detach_vpc,
    (_SOURCE, "DeleteTransitGatewayPeeringAttachment"): _detach_peer,
}

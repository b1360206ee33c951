"""VPC endpoints: those with network interfaces cost by the hour in each subnet, gateway endpoints are free."""

from collections.abc import Mapping

from engine.cloudtrail.ec2_calls import answered, asked, asked_text
from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.cloudtrail.telling import changed
from engine.errors import MalformedRecord
from engine.fields import get, items, text, texts
from engine.models.cost_event import Change, UsageItem
from engine.relative_usage import like

UNKNOWN_TYPE = "vpc_endpoint"
_SOURCE = "ec2.amazonaws.com"
_GATEWAY = "Gateway"
_MOST_SUBNETS = 1_000
_KINDS = {
    "Interface": ("vpc_interface_endpoint", "vpce/interface/hour"),
    "GatewayLoadBalancer": ("vpc_gateway_load_balancer_endpoint", "vpce/gateway-load-balancer/hour"),
    "Resource": ("vpc_resource_endpoint", "vpce/resource/hour"),
}


def _create(call: Call) -> tuple[Part, ...]:
    made = get(answered(call), "vpcEndpoint")
    kind = text(made, "vpcEndpointType") or asked_text(call, "vpcEndpointType") or _GATEWAY
    if kind == _GATEWAY:
        return ()
    endpoint = text(made, "vpcEndpointId")
    if not endpoint:
        raise MalformedRecord("CreateVpcEndpoint succeeded but names no vpcEndpointId")
    if kind not in _KINDS:
        return (Part(Change.START, UNKNOWN_TYPE, (endpoint,)),)
    resource_type, sku = _KINDS[kind]
    subnets = texts(made, "subnetIdSet") or texts(asked(call), "SubnetId")
    usage = (UsageItem(sku, within(len(subnets), _MOST_SUBNETS, "subnets of an endpoint")),)
    return (Part(Change.START, resource_type, (endpoint,), 1, usage),)


def _modify(call: Call) -> tuple[Part, ...]:
    """Only subnets that come and go change the price; the answer says no more than that it worked."""
    endpoint = asked_text(call, "vpcEndpointId")
    more, less = (texts(asked(call), key) for key in ("AddSubnetId", "RemoveSubnetId"))
    difference = within(len(more), _MOST_SUBNETS, "subnets") - within(len(less), _MOST_SUBNETS, "subnets")
    if not endpoint or not difference:
        return ()
    return changed(UNKNOWN_TYPE, endpoint, [like(endpoint), UsageItem(_KINDS["Interface"][1], difference)])


def _delete(call: Call) -> tuple[Part, ...]:
    """What could not be deleted is named in the answer, and stays."""
    kept = {text(one, "resourceId") for one in items(answered(call), "unsuccessful")}
    named = texts(asked(call), "VpcEndpointId")
    within(len(named), _MOST_SUBNETS, "endpoints")
    return stopped(UNKNOWN_TYPE, *(one for one in named if one not in kept))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateVpcEndpoint"): _create,
    (_SOURCE, "ModifyVpcEndpoint"): _modify,
    (_SOURCE, "DeleteVpcEndpoints"): _delete,
}

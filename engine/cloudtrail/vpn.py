"""VPN: a site-to-site connection costs by the hour, a client endpoint in each subnet it is associated with."""

from collections.abc import Mapping

from engine.cloudtrail.ec2_calls import answered, asked_text
from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.transit_gateways import ATTACHMENT_SKU
from engine.errors import MalformedRecord
from engine.fields import flag, get, text
from engine.models.cost_event import Change, UsageItem

CONNECTION = "vpn_connection"
CLIENT_ENDPOINT = "client_vpn_endpoint"
CLIENT_ASSOCIATION = "client_vpn_association"
_SOURCE = "ec2.amazonaws.com"
_ACCELERATORS = 2


def _connect(call: Call) -> tuple[Part, ...]:
    """An accelerated connection pays for two accelerators too, one on a transit gateway for its attachment."""
    made = get(answered(call), "vpnConnection")
    connection = text(made, "vpnConnectionId")
    if not connection:
        raise MalformedRecord("CreateVpnConnection succeeded but names no vpnConnectionId")
    usage = [UsageItem("vpn/connection/hour", 1)]
    if text(made, "transitGatewayId") or asked_text(call, "transitGatewayId"):
        usage.append(UsageItem(ATTACHMENT_SKU, 1))
    if flag(made, "options", "enableAcceleration"):
        usage.append(UsageItem("globalaccelerator/hour", _ACCELERATORS))
    return (Part(Change.START, CONNECTION, (connection,), 1, tuple(usage)),)


def _disconnect(call: Call) -> tuple[Part, ...]:
    return stopped(CONNECTION, asked_text(call, "vpnConnectionId"))


def _create_endpoint(call: Call) -> tuple[Part, ...]:
    """An endpoint without associations is free."""
    endpoint = text(answered(call), "clientVpnEndpointId")
    if not endpoint:
        raise MalformedRecord("CreateClientVpnEndpoint succeeded but names no clientVpnEndpointId")
    usage = (UsageItem("vpn/idle/client-endpoint", 1),)
    return (Part(Change.START, CLIENT_ENDPOINT, (endpoint,), 1, usage),)


def _delete_endpoint(call: Call) -> tuple[Part, ...]:
    return stopped(CLIENT_ENDPOINT, asked_text(call, "clientVpnEndpointId"))


def _associate(call: Call) -> tuple[Part, ...]:
    association = _association(call)
    if not association:
        raise MalformedRecord("AssociateClientVpnTargetNetwork names no endpoint or no association")
    usage = (UsageItem("vpn/client-association/hour", 1),)
    return (Part(Change.START, CLIENT_ASSOCIATION, (association,), 1, usage),)


def _disassociate(call: Call) -> tuple[Part, ...]:
    return stopped(CLIENT_ASSOCIATION, _association(call))


def _association(call: Call) -> str | None:
    """``ENDPOINT/ASSOCIATION``: a command to end one must name both."""
    endpoint = asked_text(call, "clientVpnEndpointId")
    association = text(answered(call), "associationId") or asked_text(call, "associationId")
    return f"{endpoint}/{association}" if endpoint and association else None


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateVpnConnection"): _connect,
    (_SOURCE, "DeleteVpnConnection"): _disconnect,
    (_SOURCE, "CreateClientVpnEndpoint"): _create_endpoint,
    (_SOURCE, "DeleteClientVpnEndpoint"): _delete_endpoint,
    (_SOURCE, "AssociateClientVpnTargetNetwork"): _associate,
    (_SOURCE, "DisassociateClientVpnTargetNetwork"): _disassociate,
}

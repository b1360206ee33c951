"""The end of addresses, endpoints, VPNs and load balancers, what of them is free, and what names nothing."""

import pytest

from engine.errors import MalformedRecord
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.test_parse_network import ACCELERATOR, FIREWALL, LB, endpoint, firewall, told, wrapped

UNSUCCESSFUL = {"item": {"resourceId": "vpce-2", "error": {"code": "InvalidVpcEndpoint.NotFound"}}}


@pytest.mark.parametrize(
    ("raw", "resource_type", "ids"),
    [
        (record("ec2", "ReleaseAddress", {"allocationId": "eipalloc-1"}), "public_ipv4", ("eipalloc-1",)),
        (
            wrapped(
                "DeleteVpcEndpoints",
                {"VpcEndpointId": [{"tag": 1, "content": "vpce-1"}, {"tag": 2, "content": "vpce-2"}]},
                {"unsuccessful": UNSUCCESSFUL},
            ),
            "vpc_endpoint",
            ("vpce-1",),
        ),
        (
            wrapped("DeleteTransitGatewayVpcAttachment", {"TransitGatewayAttachmentId": "tgw-attach-1"}, {}),
            "transit_gateway_vpc_attachment",
            ("tgw-attach-1",),
        ),
        (
            wrapped("DeleteTransitGatewayPeeringAttachment", {"TransitGatewayAttachmentId": "tgw-attach-1"}, {}),
            "transit_gateway_peering_attachment",
            ("tgw-attach-1",),
        ),
        (record("ec2", "DeleteVpnConnection", {"vpnConnectionId": "vpn-1"}), "vpn_connection", ("vpn-1",)),
        (
            wrapped("DeleteClientVpnEndpoint", {"ClientVpnEndpointId": "cvpn-endpoint-1"}, {}),
            "client_vpn_endpoint",
            ("cvpn-endpoint-1",),
        ),
        (
            wrapped(
                "DisassociateClientVpnTargetNetwork",
                {"ClientVpnEndpointId": "cvpn-endpoint-1", "AssociationId": "cvpn-assoc-1"},
                {"associationId": "cvpn-assoc-1"},
            ),
            "client_vpn_association",
            ("cvpn-endpoint-1/cvpn-assoc-1",),
        ),
        (
            record("elasticloadbalancing", "DeleteLoadBalancer", {"loadBalancerArn": f"{LB}/net/web/42"}),
            "network_load_balancer",
            (f"{LB}/net/web/42",),
        ),
        (
            record("elasticloadbalancing", "DeleteLoadBalancer", {"loadBalancerName": "old"}),
            "classic_load_balancer",
            ("old",),
        ),
        (
            record("network-firewall", "DeleteFirewall", {"firewallName": "edge"}, {"firewall": firewall(1)}),
            "network_firewall",
            (FIREWALL,),
        ),
        (
            record("route53resolver", "DeleteResolverEndpoint", {"resolverEndpointId": "rslvr-in-1"}),
            "resolver_endpoint",
            ("rslvr-in-1",),
        ),
        (
            record("globalaccelerator", "DeleteAccelerator", {"acceleratorArn": ACCELERATOR}),
            "global_accelerator",
            (ACCELERATOR,),
        ),
    ],
)
def test_a_stop(raw: Record, resource_type: str, ids: tuple[str, ...]) -> None:
    (event,) = parse_record(raw)
    assert told(event) == ("stop", resource_type, ids, {})


@pytest.mark.parametrize(
    "raw",
    [
        endpoint("Gateway", []),
        endpoint(None, []),
        record("ec2", "AllocateAddress", {}, {"allocationId": "eipalloc-1", "publicIpv4Pool": "ipv4pool-ec2-1"}),
        record("network-firewall", "AssociateSubnets", {"firewallName": "edge"}, None),
        record("route53resolver", "AssociateResolverEndpointIpAddress", {"resolverEndpointId": "r"}, None),
        wrapped("DeleteVpcEndpoints", {"VpcEndpointId": {"content": "vpce-2"}}, {"unsuccessful": UNSUCCESSFUL}),
    ],
)
def test_what_is_free_or_untold_changes_nothing(raw: Record) -> None:
    assert parse_record(raw) == ()


@pytest.mark.parametrize(
    ("source", "name", "request_of"),
    [
        ("ec2", "AllocateAddress", {}),
        ("ec2", "CreateVpcEndpoint", {"CreateVpcEndpointRequest": {"VpcEndpointType": "Interface"}}),
        ("ec2", "CreateTransitGatewayVpcAttachment", {}),
        ("ec2", "CreateTransitGatewayPeeringAttachment", {}),
        ("ec2", "CreateVpnConnection", {}),
        ("ec2", "CreateClientVpnEndpoint", {}),
        ("ec2", "AssociateClientVpnTargetNetwork", {}),
        ("elasticloadbalancing", "CreateLoadBalancer", {}),
        ("network-firewall", "CreateFirewall", {}),
        ("route53resolver", "CreateResolverEndpoint", {}),
        ("globalaccelerator", "CreateAccelerator", {}),
    ],
)
def test_a_start_of_nothing_that_has_a_name_is_malformed(source: str, name: str, request_of: Record) -> None:
    with pytest.raises(MalformedRecord, match=name):
        parse_record(record(source, name, request_of, None))

"""Addresses, endpoints, gateways, VPNs, load balancers, firewalls and accelerators to cost events."""

from typing import Any

import pytest

from clients.prices.packaged import load_price_table
from engine.models.cost_event import Change, CostEvent
from engine.pricing import estimate
from tests.unit.engine.factories import Record, parse_record, record

LB = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer"
FIREWALL = "arn:aws:network-firewall:eu-west-1:111122223333:firewall/edge"
ACCELERATOR = "arn:aws:globalaccelerator::111122223333:accelerator/3bcf"


def told(event: CostEvent) -> tuple[str, str, tuple[str, ...], dict[str, float]]:
    usage = {item.sku: item.amount for item in event.usage}
    return event.change.value, event.resource_type, event.resource_ids, usage


def wrapped(name: str, asked: Record, answer: Record) -> Record:
    return record("ec2", name, {f"{name}Request": asked}, {f"{name}Response": {"xmlns": "x", **answer}})


def endpoint(kind: str | None, subnets: Any, *, answered: bool = True) -> Record:
    asked = {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3", "SubnetId": subnets}
    if kind:
        asked["VpcEndpointType"] = kind
    made = {"vpcEndpointId": "vpce-1", "vpcEndpointType": kind, "subnetIdSet": {"item": subnets} if answered else ""}
    return wrapped("CreateVpcEndpoint", asked, {"vpcEndpoint": made})


def firewall(subnets: int) -> Record:
    mappings = [{"subnetId": f"subnet-{n}", "iPAddressType": "IPV4"} for n in range(subnets)]
    return {"firewallName": "edge", "firewallArn": FIREWALL, "subnetMappings": mappings}


def resolver(addresses: int) -> Record:
    return {"resolverEndpoint": {"id": "rslvr-in-1", "ipAddressCount": addresses, "status": "CREATING"}}


def load_balancer(kind: str, short: str) -> Record:
    made = {"loadBalancerArn": f"{LB}/{short}/web/42", "type": kind, "scheme": "internet-facing"}
    return record(
        "elasticloadbalancing", "CreateLoadBalancer", {"name": "web", "type": kind}, {"loadBalancers": [made]}
    )


def vpn_connection(options: Record, **more: Any) -> Record:
    made = {"vpnConnectionId": "vpn-1", "state": "pending", "options": options, **more}
    return record("ec2", "CreateVpnConnection", {"type": "ipsec.1", **more}, {"vpnConnection": made})


NETWORK_STARTS: list[tuple[Record, tuple[str, tuple[str, ...], dict[str, float]]]] = [
    (
        record("ec2", "AllocateAddress", {"domain": "vpc"}, {"publicIp": "192.0.2.1", "allocationId": "eipalloc-1"}),
        ("public_ipv4", ("eipalloc-1",), {"ipv4/hour": 1}),
    ),
    (
        record("ec2", "AllocateAddress", {"domain": "standard"}, {"publicIp": "192.0.2.1"}),
        ("public_ipv4", ("192.0.2.1",), {"ipv4/hour": 1}),
    ),
    (
        endpoint("Interface", ["subnet-1", "subnet-2"]),
        ("vpc_interface_endpoint", ("vpce-1",), {"vpce/interface/hour": 2}),
    ),
    (
        endpoint("Interface", {"tag": 1, "content": "subnet-1"}, answered=False),
        ("vpc_interface_endpoint", ("vpce-1",), {"vpce/interface/hour": 1}),
    ),
    (
        endpoint("GatewayLoadBalancer", ["subnet-1"]),
        ("vpc_gateway_load_balancer_endpoint", ("vpce-1",), {"vpce/gateway-load-balancer/hour": 1}),
    ),
    (endpoint("ServiceNetwork", ["subnet-1"]), ("vpc_endpoint", ("vpce-1",), {})),
    (
        wrapped(
            "CreateTransitGatewayVpcAttachment",
            {"TransitGatewayId": "tgw-1", "VpcId": "vpc-1"},
            {"transitGatewayVpcAttachment": {"transitGatewayAttachmentId": "tgw-attach-1", "state": "pending"}},
        ),
        ("transit_gateway_vpc_attachment", ("tgw-attach-1",), {"tgw/attachment/hour": 1}),
    ),
    (
        wrapped(
            "CreateTransitGatewayPeeringAttachment",
            {"TransitGatewayId": "tgw-1", "PeerRegion": "us-east-1"},
            {"transitGatewayPeeringAttachment": {"transitGatewayAttachmentId": "tgw-attach-2"}},
        ),
        ("transit_gateway_peering_attachment", ("tgw-attach-2",), {"tgw/attachment/hour": 1}),
    ),
    (vpn_connection({"enableAcceleration": False}), ("vpn_connection", ("vpn-1",), {"vpn/connection/hour": 1})),
    (
        vpn_connection({"enableAcceleration": True}, transitGatewayId="tgw-1"),
        (
            "vpn_connection",
            ("vpn-1",),
            {"vpn/connection/hour": 1, "tgw/attachment/hour": 1, "globalaccelerator/hour": 2},
        ),
    ),
    (
        wrapped("CreateClientVpnEndpoint", {"VpcId": "vpc-1"}, {"clientVpnEndpointId": "cvpn-endpoint-1"}),
        ("client_vpn_endpoint", ("cvpn-endpoint-1",), {"vpn/idle/client-endpoint": 1}),
    ),
    (
        wrapped(
            "AssociateClientVpnTargetNetwork",
            {"ClientVpnEndpointId": "cvpn-endpoint-1", "SubnetId": "subnet-1"},
            {"associationId": "cvpn-assoc-1", "status": {"code": "associating"}},
        ),
        ("client_vpn_association", ("cvpn-endpoint-1/cvpn-assoc-1",), {"vpn/client-association/hour": 1}),
    ),
    (load_balancer("application", "app"), ("application_load_balancer", (f"{LB}/app/web/42",), {"elb/application": 1})),
    (load_balancer("network", "net"), ("network_load_balancer", (f"{LB}/net/web/42",), {"elb/network": 1})),
    (load_balancer("gateway", "gwy"), ("gateway_load_balancer", (f"{LB}/gwy/web/42",), {"elb/gateway": 1})),
    (
        record("elasticloadbalancing", "CreateLoadBalancer", {"name": "web", "type": "network"}, None),
        ("network_load_balancer", (), {"elb/network": 1}),
    ),
    (
        record("elasticloadbalancing", "CreateLoadBalancer", {"loadBalancerName": "old"}, {"dNSName": "old.elb"}),
        ("classic_load_balancer", ("old",), {"elb/classic": 1}),
    ),
    (
        record("network-firewall", "CreateFirewall", {"firewallName": "edge"}, {"firewall": firewall(2)}),
        ("network_firewall", (FIREWALL,), {"networkfirewall/endpoint/hour": 2}),
    ),
    (
        record("network-firewall", "CreateFirewall", {"firewallName": "edge", "subnetMappings": [{"subnetId": "s"}]}),
        ("network_firewall", ("edge",), {"networkfirewall/endpoint/hour": 1}),
    ),
    (
        record("route53resolver", "CreateResolverEndpoint", {"ipAddresses": [{}, {}]}, resolver(2)),
        ("resolver_endpoint", ("rslvr-in-1",), {"route53resolver/interface/hour": 2}),
    ),
    (
        record(
            "globalaccelerator", "CreateAccelerator", {"name": "a"}, {"accelerator": {"acceleratorArn": ACCELERATOR}}
        ),
        ("global_accelerator", (ACCELERATOR,), {"globalaccelerator/hour": 1}),
    ),
]


@pytest.mark.parametrize(("raw", "expected"), NETWORK_STARTS)
def test_a_start(raw: Record, expected: tuple[str, tuple[str, ...], dict[str, float]]) -> None:
    (event,) = parse_record(raw)
    assert told(event) == ("start", *expected)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            record("network-firewall", "AssociateSubnets", {"firewallArn": FIREWALL}, firewall(3)),
            ("network_firewall", (FIREWALL,), {"networkfirewall/endpoint/hour": 3}),
        ),
        (
            record("route53resolver", "DisassociateResolverEndpointIpAddress", {}, resolver(1)),
            ("resolver_endpoint", ("rslvr-in-1",), {"route53resolver/interface/hour": 1}),
        ),
    ],
)
def test_a_change_tells_how_many_there_are_now(
    raw: Record, expected: tuple[str, tuple[str, ...], dict[str, float]]
) -> None:
    (event,) = parse_record(raw)
    assert told(event) == ("modify", *expected)


def test_the_prices_of_all_starts_are_in_the_packaged_table() -> None:
    table = load_price_table()
    events = [
        event for raw, _ in NETWORK_STARTS for event in parse_record(raw) if event.resource_type != "vpc_endpoint"
    ]
    assert all(event.change is Change.START for event in events)
    assert {event.resource_type for event in events if estimate(event, table).hourly_cost is None} == set()

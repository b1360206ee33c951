"""Volumes, snapshots, addresses, endpoints, gateways, VPNs, load balancers, firewalls and accelerators.

Most of these cannot be stopped, only deleted; AWS refuses that while something still uses them.
"""

import re

from engine.remediation.way import Way

_HEX = "[0-9a-f]{1,32}"
_ACCOUNT = "[0-9]{12}"
_VOLUME = re.compile(f"(?P<id>vol-{_HEX})")
_ATTACHMENT = re.compile(f"(?P<id>tgw-attach-{_HEX})")
_SMALL_VOLUME = "ec2 modify-volume --volume-id {id} --volume-type gp3 --iops 3000 --throughput 125"
_DELETE_VOLUME = "ec2 delete-volume --volume-id {id}"
_BALANCER_ARN = (
    rf"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:{_ACCOUNT}:loadbalancer/"
    r"(?:app|net|gwy)/[A-Za-z0-9-]{1,32}/[0-9a-f]{1,32}"
)
_FIREWALL_ARN = rf"arn:aws[a-z-]*:network-firewall:[a-z0-9-]+:{_ACCOUNT}:firewall/[A-Za-z0-9-]{{1,128}}"
_ACCELERATOR_ARN = rf"arn:aws[a-z-]*:globalaccelerator::{_ACCOUNT}:accelerator/[0-9a-f-]{{1,64}}"

WAYS: tuple[Way, ...] = (
    # Paid IOPS cost most of such a volume, and giving them back loses no data.
    *(
        Way(service="ec2", pattern=_VOLUME, stop=_SMALL_VOLUME, harder=_DELETE_VOLUME, resource_type=provisioned)
        for provisioned in ("io1", "io2")
    ),
    Way(service="ec2", pattern=_VOLUME, stop="ec2 create-snapshot --volume-id {id}", harder=_DELETE_VOLUME),
    Way(
        service="ec2",
        pattern=re.compile(f"(?P<id>snap-{_HEX})"),
        stop="ec2 modify-snapshot-tier --snapshot-id {id} --storage-tier archive",
        harder="ec2 delete-snapshot --snapshot-id {id}",
    ),
    Way(
        service="ec2",
        pattern=re.compile(f"(?P<id>eipalloc-{_HEX})"),
        stop="ec2 release-address --allocation-id {id}",
    ),
    Way(
        service="ec2",
        pattern=re.compile(f"(?P<id>vpce-{_HEX})"),
        stop="ec2 delete-vpc-endpoints --vpc-endpoint-ids {id}",
        takes_many=True,
    ),
    Way(
        service="ec2",
        pattern=_ATTACHMENT,
        stop="ec2 delete-transit-gateway-peering-attachment --transit-gateway-attachment-id {id}",
        resource_type="peering",
    ),
    Way(
        service="ec2",
        pattern=_ATTACHMENT,
        stop="ec2 delete-transit-gateway-vpc-attachment --transit-gateway-attachment-id {id}",
    ),
    Way(
        service="ec2",
        pattern=re.compile(f"(?P<id>vpn-{_HEX})"),
        stop="ec2 delete-vpn-connection --vpn-connection-id {id}",
    ),
    Way(
        service="ec2",
        pattern=re.compile(f"(?P<endpoint>cvpn-endpoint-{_HEX})/(?P<id>cvpn-assoc-{_HEX})"),
        stop="ec2 disassociate-client-vpn-target-network --client-vpn-endpoint-id {endpoint} --association-id {id}",
    ),
    Way(
        service="ec2",
        pattern=re.compile(f"(?P<id>cvpn-endpoint-{_HEX})"),
        stop="ec2 delete-client-vpn-endpoint --client-vpn-endpoint-id {id}",
    ),
    Way(
        service="elasticloadbalancing",
        pattern=re.compile(f"(?P<arn>{_BALANCER_ARN})"),
        stop="elbv2 delete-load-balancer --load-balancer-arn {arn}",
    ),
    Way(
        service="elasticloadbalancing",
        pattern=re.compile("(?P<name>[A-Za-z0-9][A-Za-z0-9-]{0,31})"),
        stop="elb delete-load-balancer --load-balancer-name {name}",
        resource_type="classic",
    ),
    Way(
        service="network-firewall",
        pattern=re.compile(f"(?P<arn>{_FIREWALL_ARN})"),
        stop="network-firewall delete-firewall --firewall-arn {arn}",
    ),
    Way(
        service="route53resolver",
        pattern=re.compile(r"(?P<id>rslvr-(?:in|out)-[0-9a-f]{1,32})"),
        stop="route53resolver delete-resolver-endpoint --resolver-endpoint-id {id}",
    ),
    # Only a disabled accelerator can be deleted, and only deleting it ends the cost.
    Way(
        service="globalaccelerator",
        pattern=re.compile(f"(?P<arn>{_ACCELERATOR_ARN})"),
        stop="globalaccelerator update-accelerator --accelerator-arn {arn} --no-enabled",
        harder="globalaccelerator delete-accelerator --accelerator-arn {arn}",
    ),
)

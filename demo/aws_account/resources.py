"""Which resources a record speaks of, as LookupEvents lists them."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class ResourceName(NamedTuple):
    """One line of an event's `Resources`."""

    resource_type: str
    resource_name: str


_TYPES = {
    "instanceId": "AWS::EC2::Instance",
    "imageId": "AWS::EC2::Ami",
    "subnetId": "AWS::EC2::Subnet",
    "vpcId": "AWS::EC2::VPC",
    "groupId": "AWS::EC2::SecurityGroup",
    "volumeId": "AWS::EC2::Volume",
    "natGatewayId": "AWS::EC2::NatGateway",
    "NatGatewayId": "AWS::EC2::NatGateway",
    "dBInstanceIdentifier": "AWS::RDS::DBInstance",
    "functionName": "AWS::Lambda::Function",
    "roleName": "AWS::IAM::Role",
    "bucketName": "AWS::S3::Bucket",
}


def resources_of(record: dict[str, Any]) -> tuple[ResourceName, ...]:
    """Each named resource once, in the order of its first appearance.

    >>> resources_of({"requestParameters": {"roleName": "ci"}, "responseElements": None})
    (ResourceName(resource_type='AWS::IAM::Role', resource_name='ci'),)
    """
    parts = (record.get("requestParameters"), record.get("responseElements"))
    return tuple(dict.fromkeys(name for part in parts for name in _walk(part)))


def _walk(node: Any) -> Iterator[ResourceName]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _TYPES and isinstance(value, str):
                yield ResourceName(_TYPES[key], value)
            else:
                yield from _walk(value)
    elif isinstance(node, list):
        for item in node:
            yield from _walk(item)

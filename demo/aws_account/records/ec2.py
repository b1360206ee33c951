"""EC2 records: instances, volumes, NAT gateways."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from demo.aws_account.records.envelope import Record, Scene, Writer, milliseconds

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
_RUNNING = {"code": 16, "name": "running"}
_STOPPING = {"code": 64, "name": "stopping"}
_SHUTTING_DOWN = {"code": 32, "name": "shutting-down"}


def run_instances(
    scene: Scene,
    instance_type: str,
    count: int = 1,
    name: str | None = None,
) -> Record:
    """A launch that succeeded, with `count` instances in its response."""
    request = _launch_request(scene.writer, instance_type, count, name)
    response = {
        "requestId": scene.writer.uuid(),
        "reservationId": scene.writer.resource_id("r"),
        "ownerId": scene.account_id,
        "groupSet": {},
        "instancesSet": {
            "items": [_instance(scene, request, index) for index in range(count)],
        },
    }
    return scene.record("ec2", "RunInstances", request, response)


def failed_run_instances(scene: Scene, instance_type: str, count: int, error: tuple[str, str]) -> Record:
    """A launch that AWS refused; `error` is its code, such as `Client.VcpuLimitExceeded`, and its message."""
    request = _launch_request(scene.writer, instance_type, count, None)
    return scene.failed_record("ec2", "RunInstances", request, error)


def terminate_instances(scene: Scene, ids: Sequence[str]) -> Record:
    """The end of running instances."""
    return _state_change(scene, "TerminateInstances", ids, _SHUTTING_DOWN)


def stop_instances(scene: Scene, ids: Sequence[str]) -> Record:
    """Running instances put to sleep."""
    return _state_change(scene, "StopInstances", ids, _STOPPING)


def instance_ids(launch: Record) -> list[str]:
    """The instances a successful RunInstances record brought up."""
    return [item["instanceId"] for item in launch["responseElements"]["instancesSet"]["items"]]


def create_volume(scene: Scene, size_gb: int, volume_type: str = "gp3") -> Record:
    """A new volume; sizes are strings, as EC2's records have them."""
    request = {
        "size": str(size_gb),
        "zone": f"{scene.region}a",
        "volumeType": volume_type,
        "clientToken": scene.writer.uuid(),
    }
    response = {
        "requestId": scene.writer.uuid(),
        "volumeId": scene.writer.resource_id("vol"),
        "size": str(size_gb),
        "zone": f"{scene.region}a",
        "status": "creating",
        "createTime": milliseconds(scene.at),
        "volumeType": volume_type,
        "iops": 3000,
        "throughput": 125,
        "encrypted": True,
        "tagSet": {},
        "multiAttachEnabled": False,
    }
    return scene.record("ec2", "CreateVolume", request, response)


def create_nat_gateway(scene: Scene) -> Record:
    """A new NAT gateway, in the wrapped shape of EC2's newer calls."""
    request_id, token = scene.writer.uuid(), scene.writer.uuid()
    subnet_id, allocation_id = scene.writer.resource_id("subnet"), scene.writer.resource_id("eipalloc")
    request = {"ConnectivityType": "public", "AllocationId": allocation_id, "SubnetId": subnet_id}
    gateway = {
        "connectivityType": "public",
        "subnetId": subnet_id,
        "natGatewayAddressSet": {"item": {"isPrimary": True, "allocationId": allocation_id, "status": "associating"}},
        "createTime": scene.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "vpcId": scene.writer.resource_id("vpc"),
        "natGatewayId": scene.writer.resource_id("nat"),
        "state": "pending",
    }
    return scene.record(
        "ec2",
        "CreateNatGateway",
        {"CreateNatGatewayRequest": {**request, "ClientToken": token}},
        {
            "CreateNatGatewayResponse": {
                "xmlns": _NAMESPACE,
                "requestId": request_id,
                "clientToken": token,
                "natGateway": gateway,
            }
        },
    )


def delete_nat_gateway(scene: Scene, nat_gateway_id: str) -> Record:
    """The end of a NAT gateway."""
    response = {"xmlns": _NAMESPACE, "requestId": scene.writer.uuid(), "natGatewayId": nat_gateway_id}
    return scene.record(
        "ec2",
        "DeleteNatGateway",
        {"DeleteNatGatewayRequest": {"NatGatewayId": nat_gateway_id}},
        {"DeleteNatGatewayResponse": response},
    )


def _launch_request(writer: Writer, instance_type: str, count: int, name: str | None) -> dict[str, Any]:
    request: dict[str, Any] = {
        "instancesSet": {"items": [{"imageId": writer.resource_id("ami"), "minCount": count, "maxCount": count}]},
        "instanceType": instance_type,
        "blockDeviceMapping": {},
        "monitoring": {"enabled": False},
        "disableApiTermination": False,
        "disableApiStop": False,
        "clientToken": writer.uuid(),
        "subnetId": writer.resource_id("subnet"),
    }
    if name is not None:
        tags = [{"key": "Name", "value": name}]
        request["tagSpecificationSet"] = {"items": [{"resourceType": "instance", "tags": tags}]}
    return request


def _instance(scene: Scene, request: dict[str, Any], index: int) -> dict[str, Any]:
    address = f"10.0.{scene.writer.rng.randrange(256)}.{scene.writer.rng.randrange(4, 255)}"
    item = {
        "instanceId": scene.writer.resource_id("i"),
        "imageId": request["instancesSet"]["items"][0]["imageId"],
        "instanceState": {"code": 0, "name": "pending"},
        "privateDnsName": f"ip-{address.replace('.', '-')}.{scene.region}.compute.internal",
        "amiLaunchIndex": index,
        "productCodes": {},
        "instanceType": request["instanceType"],
        "launchTime": milliseconds(scene.at),
        "placement": {"availabilityZone": f"{scene.region}a", "tenancy": "default"},
        "monitoring": {"state": "disabled"},
        "subnetId": request["subnetId"],
        "privateIpAddress": address,
        "stateReason": {"code": "pending", "message": "pending"},
        "architecture": "x86_64",
        "rootDeviceType": "ebs",
        "rootDeviceName": "/dev/xvda",
        "virtualizationType": "hvm",
        "hypervisor": "xen",
        "ebsOptimized": False,
        "enaSupport": True,
    }
    if "tagSpecificationSet" in request:
        item["tagSet"] = {"items": request["tagSpecificationSet"]["items"][0]["tags"]}
    return item


def _state_change(
    scene: Scene,
    name: str,
    ids: Sequence[str],
    state: dict[str, Any],
) -> Record:
    response = {
        "requestId": scene.writer.uuid(),
        "instancesSet": {
            "items": [{"instanceId": one, "currentState": dict(state), "previousState": dict(_RUNNING)} for one in ids]
        },
    }
    request = {"instancesSet": {"items": [{"instanceId": one} for one in ids]}}
    return scene.record("ec2", name, request, response)

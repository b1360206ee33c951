"""What the demo's account holds and is billed for: some of it nobody uses, and for each of those one that is used."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from demo.aws_account.account import AwsAccount
from demo.aws_account.records import Record
from demo.aws_account.world import cast

IDLE_GATEWAY = "legacy-egress"
"""The name of the NAT gateway that carries nothing."""

BILLED_DAYS = 90
_SATURDAY = 5
_BUSY_BYTES = 42e9
_DAILY_USD = {
    "Amazon Elastic Compute Cloud - Compute": 27.4,
    "EC2 - Other": 7.9,
    "Amazon Relational Database Service": 6.96,
    "Amazon Simple Storage Service": 3.2,
    "AmazonCloudWatch": 1.1,
}
_BYTES_SPIKE_USD = 46.8
_SPIKE_DAYS_AGO = 3


def furnish(account: AwsAccount, history: Sequence[Record], now: datetime) -> None:
    """Put it there, as of `now`; what `history` tells the making of has the ids it has there."""
    _gateways(account, history)
    _volumes(account, history, now)
    _snapshots(account, now)
    address = {"publicIp": "203.0.113.80", "allocationId": "eipalloc-0a1b2c3d4e5f60718", "domain": "vpc"}
    account.estate.put(cast.MAIN_REGION, "DescribeAddresses", address)
    _bill(account, now)


def _gateways(account: AwsAccount, history: Sequence[Record]) -> None:
    """The one of the main Region carries nothing any more; that of the Region of the releases does."""
    for record in _made(history, "CreateNatGateway"):
        made, region = record["responseElements"]["CreateNatGatewayResponse"]["natGateway"], record["awsRegion"]
        gateway_id = made["natGatewayId"]
        described = {
            **{name: made[name] for name in ("natGatewayId", "subnetId", "vpcId", "createTime")},
            "state": "available",
            **_tags(Name=IDLE_GATEWAY if region == cast.MAIN_REGION else "egress"),
        }
        account.estate.put(region, "DescribeNatGateways", described)
        route = {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": gateway_id, "state": "active"}
        table = {"routeTableId": gateway_id.replace("nat-", "rtb-"), "routeSet": {"item": [route]}}
        account.estate.put(region, "DescribeRouteTables", table)
        bytes_out = 0.0 if region == cast.MAIN_REGION else _BUSY_BYTES
        account.estate.measure("BytesOutToDestination", gateway_id, bytes_out)


def _volumes(account: AwsAccount, history: Sequence[Record], now: datetime) -> None:
    """The volume of the records was detached once; those of the release's machines are at work."""
    for record in _made(history, "CreateVolume"):
        made = record["responseElements"]
        described = _volume(made["volumeId"], int(made["size"]), record["eventTime"], "available")
        account.estate.put(record["awsRegion"], "DescribeVolumes", {**described, **_tags(Name="orders-export")})
    stopped = {one.instance_id for one in account.fleet.visible(cast.OFFICE_REGION, now.timestamp())}
    for instance_id in sorted(stopped):
        volume_id = instance_id.replace("i-", "vol-")
        attached = {"attachmentSet": {"item": [{"instanceId": instance_id, "status": "attached"}]}}
        described = _volume(volume_id, 500, _ago(now, 60), "in-use", "gp2")
        account.estate.put(cast.OFFICE_REGION, "DescribeVolumes", {**described, **attached})
    for number in range(3):
        used_id = f"vol-0000000000000da7{number}"
        attached = {"attachmentSet": {"item": [{"instanceId": f"i-0000000000000da7{number}", "status": "attached"}]}}
        account.estate.put(cast.DATA_REGION, "DescribeVolumes", {**_volume(used_id, 100, _ago(now, 50)), **attached})
        for metric in ("VolumeReadOps", "VolumeWriteOps"):
            account.estate.measure(metric, used_id, 90_000.0)


def _volume(volume_id: str, gb: int, created: str, status: str = "in-use", kind: str = "gp3") -> dict[str, Any]:
    return {"volumeId": volume_id, "size": gb, "volumeType": kind, "status": status, "createTime": created}


def _snapshots(account: AwsAccount, now: datetime) -> None:
    """Nightly copies that nobody needs after the migration, and a young one."""
    for number, (days, gb) in enumerate(((190, 500), (183, 500), (176, 400), (5, 500))):
        snapshot = {
            "snapshotId": f"snap-0000000000005a9{number}",
            "volumeSize": gb,
            "status": "completed",
            "startTime": _ago(now, days),
            **_tags(Name=f"warehouse-migration-{number + 1}", Owner="data-team"),
        }
        account.estate.put(cast.DATA_REGION, "DescribeSnapshots", snapshot)


def _bill(account: AwsAccount, now: datetime) -> None:
    """Cheaper weekends, and a day on which something sent far more bytes: no record tells of those, AWS's bill does."""
    bill = account.bill
    for days_ago in range(BILLED_DAYS, 0, -1):
        day = (now - timedelta(days=days_ago)).date()
        quiet = 0.7 if day.weekday() >= _SATURDAY else 1.0
        for service, amount in _DAILY_USD.items():
            bill.add(day, service, amount * (quiet if service.startswith("Amazon Elastic") else 1.0))
    spike = (now - timedelta(days=_SPIKE_DAYS_AGO)).date()
    bill.add(spike, "EC2 - Other", _BYTES_SPIKE_USD)
    bill.find(spike, "EC2 - Other", "EUW1-NatGateway-Bytes", _BYTES_SPIKE_USD, cast.DEPLOY_REGION)
    bill.shares["team"] = {"web": 0.46, "data": 0.31}
    bill.forecast = sum(_DAILY_USD.values())


def _made(history: Sequence[Record], event_name: str) -> Iterator[Record]:
    return (record for record in history if record["eventName"] == event_name and "errorCode" not in record)


def _ago(now: datetime, days: int) -> str:
    return (now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _tags(**named: str) -> dict[str, Any]:
    return {"tagSet": {"item": [{"key": key, "value": value} for key, value in named.items()]}}

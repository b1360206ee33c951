"""Which rows of AWS's price list CSVs are which SKU: one table of rules per offer, and no code per offer.

Columns are named as AWS names them in the header. Usage types carry a Region's short name in front (``EUW1-``) except
in us-east-1, so they are matched behind it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from engine.pricing.sheets import HOURS_PER_MONTH

HOURLY = {"hrs": 1.0, "hours": 1.0, "hour": 1.0}
OCU_HOURLY = HOURLY | {"ocu-hours": 1.0, "ocu-hour": 1.0, "ocu-hrs": 1.0, "ocu-hr": 1.0}
GB_MONTHLY = {"gb-mo": 1 / HOURS_PER_MONTH, "gb-month": 1 / HOURS_PER_MONTH}
IOPS_MONTHLY = {"iops-mo": 1 / HOURS_PER_MONTH}
# AWS prices gp3 throughput by the GiB/s; we count MiB/s.
THROUGHPUT_MONTHLY = {"gibps-mo": 1 / HOURS_PER_MONTH / 1024, "mibps-mo": 1 / HOURS_PER_MONTH}
PER_GB_SECOND = {"lambda-gb-second": 3600.0, "second": 3600.0}

FAMILY = "Product Family"
USAGE = "usageType"
INSTANCE = "Instance Type"
ENGINE = "Database Engine"

_NAME = r"[a-z][a-z0-9-]*\.[a-z0-9-]+"
_TYPE = f"(?P<type>{_NAME})"
_ENGINES = {
    "MySQL": "mysql",
    "PostgreSQL": "postgres",
    "MariaDB": "mariadb",
    "Aurora MySQL": "aurora-mysql",
    "Aurora PostgreSQL": "aurora-postgresql",
}
_DEPLOYMENTS = {"Single-AZ": "single", "Multi-AZ": "multi"}


class Rule(NamedTuple):
    """Rows whose columns match all patterns in full are ``sku``, filled with the patterns' named groups.

    ``units`` says by what a price in one of AWS's units is multiplied to be per hour and per our unit; a row in any
    other unit does not match. ``words`` translates AWS's words in a group into ours.
    """

    sku: str
    units: Mapping[str, float]
    columns: Mapping[str, re.Pattern[str]]
    words: Mapping[str, str] = {}

    def match_row(self, row: Mapping[str, str]) -> str | None:
        """The SKU of a row, or None if the row is about something else."""
        groups: dict[str, str] = {}
        for column, pattern in self.columns.items():
            found = pattern.fullmatch(row.get(column) or "")
            if found is None:
                return None
            groups |= {name: self.words.get(text, text) for name, text in found.groupdict().items()}
        return self.sku.format(**groups)


def _rule(sku: str, units: Mapping[str, float], words: Mapping[str, str] | None = None, **columns: str) -> Rule:
    names = {"family": FAMILY, "usage": USAGE, "instance": INSTANCE, "engine": ENGINE}
    named = {names.get(key, key.replace("_", " ")): pattern for key, pattern in columns.items()}
    if "usage" in columns:
        named[USAGE] = rf"(?:[A-Z0-9]+-)?(?:{columns['usage']})"
    return Rule(sku, units, {name: re.compile(text) for name, text in named.items()}, words or {})


def _any_of(words: Mapping[str, str]) -> str:
    return "|".join(map(re.escape, words))


_EC2 = (
    Rule(
        "ec2/{type}",
        HOURLY,
        {
            FAMILY: re.compile(r"Compute Instance(?: \(bare metal\))?"),
            INSTANCE: re.compile(_TYPE),
            "Operating System": re.compile("Linux"),
            "Tenancy": re.compile("Shared"),
            "Pre Installed S/W": re.compile("NA"),
            "License Model": re.compile("No License required"),
            "CapacityStatus": re.compile("Used"),
        },
    ),
    _rule(
        "ebs/{volume}/gb",
        GB_MONTHLY,
        family="Storage",
        usage=r"EBS:VolumeUsage(?:\.\w+)?",
        Volume_API_Name=r"(?P<volume>gp2|gp3|io1|io2|st1|sc1|standard)",
    ),
    _rule(
        "ebs/{volume}/iops",
        IOPS_MONTHLY,
        {"piops": "io1"},
        family="System Operation",
        usage=r"EBS:VolumeP-IOPS\.(?P<volume>piops|io2|gp3)",
    ),
    _rule(
        "ebs/gp3/mibps",
        THROUGHPUT_MONTHLY,
        family="Provisioned Throughput",
        usage=r"EBS:VolumeP-Throughput\.gp3",
    ),
    _rule("ebs/snapshot/gb", GB_MONTHLY, family="Storage Snapshot", usage="EBS:SnapshotUsage"),
    _rule("nat/hour", HOURLY, family="NAT Gateway", usage="NatGateway-Hours"),
)

_RDS = (
    _rule(
        "rds/{engine}/{type}/{deployment}",
        HOURLY,
        _ENGINES | _DEPLOYMENTS,
        family="Database Instance",
        instance=rf"(?P<type>db\.{_NAME})",
        engine=f"(?P<engine>{_any_of(_ENGINES)})",
        License_Model="(?i:No license required)",
        Deployment_Option=f"(?P<deployment>{_any_of(_DEPLOYMENTS)})",
        # I/O-Optimized instances have the same type and engine and cost more; only the usage type tells them apart.
        usage=r"(?:Instance|Multi-AZ)Usage:.*",
    ),
    _rule(
        "rds/storage/{kind}/gb",
        GB_MONTHLY,
        {
            "RDS:GP2-Storage": "gp2",
            "RDS:GP3-Storage": "gp3",
            "RDS:PIOPS-Storage": "io1",
            "RDS:PIOPS-Storage-IO2": "io2",
            "RDS:StorageUsage": "standard",
            "Aurora:StorageUsage": "aurora",
        },
        family="Database Storage",
        engine="(?!SQL Server|Oracle|Db2).*",
        usage="(?P<kind>RDS:(?:GP[23]-Storage|PIOPS-Storage(?:-IO2)?|StorageUsage)|Aurora:StorageUsage)",
    ),
    _rule(
        "rds/storage/{kind}/iops",
        IOPS_MONTHLY,
        {"RDS:PIOPS": "io1", "RDS:IO2-PIOPS": "io2", "RDS:GP3-PIOPS": "gp3"},
        family="Provisioned IOPS",
        engine="(?!SQL Server|Oracle|Db2).*",
        usage="(?P<kind>RDS:(?:IO2-|GP3-)?PIOPS)",
    ),
    _rule("rds/snapshot/gb", GB_MONTHLY, family="Storage Snapshot", usage="RDS:ChargedBackupUsage"),
    _rule("aurora/acu", {"acu-hr": 1.0}, usage="Aurora:ServerlessV2Usage"),
)

_ELB = (
    _rule(
        "elb/{kind}",
        HOURLY,
        {"Application": "application", "Network": "network", "Gateway": "gateway"},
        family="Load Balancer-(?P<kind>Application|Network|Gateway)",
        usage="LoadBalancerUsage",
    ),
    _rule("elb/classic", HOURLY, family="Load Balancer", usage="LoadBalancerUsage"),
)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "AmazonEC2": _EC2,
    "AmazonRDS": _RDS,
    "AWSELB": _ELB,
    "AmazonVPC": (
        _rule("ipv4/hour", HOURLY, usage="PublicIPv4:InUseAddress"),
        _rule("vpce/interface/hour", HOURLY, usage="VpcEndpoint-Hours"),
        _rule("vpce/gateway-load-balancer/hour", HOURLY, usage="VpcEndpoint-GWLBE-Hours"),
        _rule("vpn/connection/hour", HOURLY, usage=r"VPN-Usage-Hours:ipsec\.1"),
        _rule("tgw/attachment/hour", HOURLY, usage="TransitGateway-Hours", operation="TransitGatewayVPC"),
    ),
    "AmazonElastiCache": (
        _rule(
            "elasticache/{engine}/{type}",
            HOURLY,
            {"Redis": "redis", "Valkey": "valkey", "Memcached": "memcached"},
            family="Cache Instance",
            instance=rf"(?P<type>cache\.{_NAME})",
            usage="NodeUsage:.*",
            Cache_Engine="(?P<engine>Redis|Valkey|Memcached)",
        ),
    ),
    "AmazonMemoryDB": (
        # Usage types of Valkey nodes, which cost less, name the engine behind the node's type.
        _rule("memorydb/{type}", HOURLY, usage=rf"NodeUsage:(?P<type>db\.{_NAME})(?<!-valkey)"),
    ),
    "AmazonDAX": (_rule("dax/{type}", HOURLY, usage=rf"NodeUsage:(?P<type>dax\.{_NAME})"),),
    "AmazonES": (
        _rule(
            "opensearch/{type}",
            HOURLY,
            usage="ESInstance:.*",
            instance=_TYPE + r"\.(?:search|elasticsearch)",
        ),
        _rule(
            "opensearch/storage/{volume}/gb",
            GB_MONTHLY,
            {"GP2": "gp2", "GP3": "gp3"},
            usage="ES:(?P<volume>(?i:GP[23]))-Storage",
        ),
        # Indexing and searching cost the same, and both are billed.
        _rule("aoss/ocu", OCU_HOURLY, usage="(?:Indexing|Search)OCU"),
    ),
    "ElasticMapReduce": (
        _rule("emr/surcharge/{type}", HOURLY, family="Elastic Map Reduce Instance", usage=f"BoxUsage:{_TYPE}"),
    ),
    "AWSNetworkFirewall": (_rule("networkfirewall/endpoint/hour", HOURLY, usage="Endpoint-Hour"),),
    "AmazonRoute53": (_rule("route53resolver/interface/hour", HOURLY, usage="ResolverNetworkInterface"),),
    "AWSTransfer": (_rule("transfer/protocol", HOURLY | {"hourly": 1.0}, usage="ProtocolHours"),),
    "AmazonMSK": (
        _rule("msk/{type}", HOURLY, usage=rf"Kafka\.{_TYPE}"),
        _rule("msk/storage/gb", GB_MONTHLY, usage=r"Kafka\.Storage\.GP2"),
    ),
    "AmazonRedshift": (_rule("redshift/{type}", HOURLY, usage="Node:.*", instance=_TYPE),),
    "AmazonECS": (
        _rule("fargate/vcpu", HOURLY, usage="Fargate-vCPU-Hours:perCPU"),
        _rule("fargate/gb", HOURLY, usage="Fargate-GB-Hours"),
    ),
    "AmazonEKS": (
        # Extended support is listed as a surcharge on top of this; our SKU is the sum of both and stays a seed.
        _rule("eks/cluster", HOURLY, usage="AmazonEKS-Hours:perCluster"),
    ),
    "AmazonDynamoDB": (
        _rule("dynamodb/wcu", HOURLY | {"writecapacityunit-hrs": 1.0}, usage="WriteCapacityUnit-Hrs"),
        _rule("dynamodb/rcu", HOURLY | {"readcapacityunit-hrs": 1.0}, usage="ReadCapacityUnit-Hrs"),
    ),
    "AmazonKinesis": (_rule("kinesis/shard", HOURLY | {"shardhour": 1.0}, usage="Storage-ShardHour"),),
    "AWSGlue": (_rule("glue/dpu", HOURLY | {"dpu-hour": 1.0}, usage="ETL-DPU-Hour", operation="(?i:jobrun)"),),
    "AWSLambda": (
        _rule("lambda/provisioned/x86_64", PER_GB_SECOND, usage="Lambda-Provisioned-Concurrency"),
        _rule("lambda/provisioned/arm64", PER_GB_SECOND, usage="Lambda-Provisioned-Concurrency-ARM"),
    ),
}

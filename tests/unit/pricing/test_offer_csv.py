"""Reading AWS's price list CSVs: which row is which SKU, and files that are not what they should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.prices.offer_csv import MAX_LINE_CHARS, OfferRows, parse_offer_csv
from clients.prices.rules import RULES
from engine.errors import InputError
from engine.pricing.sheets import MAX_USD_PER_HOUR, offer_of
from tests.unit.pricing.price_csv import Row, ec2_row, offer_csv, price_row, rds_row

HOURS = 730


def _parse(offer: str, *rows: Row, region: str = "us-east-1") -> OfferRows:
    return parse_offer_csv(offer_csv(offer, rows).splitlines(keepends=True), offer, region)


def _ebs(usage: str, usd: float, unit: str, family: str, volume: str = "") -> Row:
    return price_row(usd, unit, Product_Family=family, usageType=usage, Volume_API_Name=volume)


SHAPES: list[tuple[str, Row, str, float]] = [
    ("AmazonEC2", ec2_row("m5.large", 0.096), "ec2/m5.large", 0.096),
    (
        "AmazonEC2",
        ec2_row("m5.metal", 4.608, Product_Family="Compute Instance (bare metal)"),
        "ec2/m5.metal",
        4.608,
    ),
    ("AmazonEC2", _ebs("EBS:VolumeUsage.gp3", 0.08, "GB-Mo", "Storage", "gp3"), "ebs/gp3/gb", 0.08 / HOURS),
    ("AmazonEC2", _ebs("EBS:VolumeUsage", 0.05, "GB-Mo", "Storage", "standard"), "ebs/standard/gb", 0.05 / HOURS),
    ("AmazonEC2", _ebs("EBS:VolumeUsage.piops", 0.125, "GB-Mo", "Storage", "io1"), "ebs/io1/gb", 0.125 / HOURS),
    (
        "AmazonEC2",
        _ebs("EBS:VolumeP-IOPS.piops", 0.065, "IOPS-Mo", "System Operation"),
        "ebs/io1/iops",
        0.065 / HOURS,
    ),
    (
        "AmazonEC2",
        _ebs("EBS:VolumeP-IOPS.gp3", 0.005, "IOPS-Mo", "System Operation"),
        "ebs/gp3/iops",
        0.005 / HOURS,
    ),
    (
        "AmazonEC2",
        _ebs("EBS:VolumeP-Throughput.gp3", 40.96, "GiBps-mo", "Provisioned Throughput"),
        "ebs/gp3/mibps",
        0.04 / HOURS,
    ),
    (
        "AmazonEC2",
        _ebs("EBS:SnapshotUsage", 0.05, "GB-Mo", "Storage Snapshot"),
        "ebs/snapshot/gb",
        0.05 / HOURS,
    ),
    ("AmazonEC2", _ebs("NatGateway-Hours", 0.045, "Hrs", "NAT Gateway"), "nat/hour", 0.045),
    ("AmazonRDS", rds_row("db.r5.2xlarge", 0.96), "rds/mysql/db.r5.2xlarge/single", 0.96),
    (
        "AmazonRDS",
        rds_row("db.r5.large", 0.5, Database_Engine="PostgreSQL", Deployment_Option="Multi-AZ")
        | {"usageType": "Multi-AZUsage:db.r5.large"},
        "rds/postgres/db.r5.large/multi",
        0.5,
    ),
    (
        "AmazonRDS",
        rds_row("db.r5.large", 0.29, Database_Engine="Aurora PostgreSQL"),
        "rds/aurora-postgresql/db.r5.large/single",
        0.29,
    ),
    (
        "AmazonRDS",
        price_row(0.115, "GB-Mo", Product_Family="Database Storage", usageType="RDS:GP3-Storage"),
        "rds/storage/gp3/gb",
        0.115 / HOURS,
    ),
    (
        "AmazonRDS",
        price_row(0.1, "IOPS-Mo", Product_Family="Provisioned IOPS", usageType="RDS:PIOPS"),
        "rds/storage/io1/iops",
        0.1 / HOURS,
    ),
    ("AmazonRDS", price_row(0.12, "ACU-Hr", usageType="Aurora:ServerlessV2Usage"), "aurora/acu", 0.12),
    (
        "AWSELB",
        price_row(0.0225, Product_Family="Load Balancer-Application", usageType="LoadBalancerUsage"),
        "elb/application",
        0.0225,
    ),
    (
        "AWSELB",
        price_row(0.025, Product_Family="Load Balancer", usageType="LoadBalancerUsage"),
        "elb/classic",
        0.025,
    ),
    ("AmazonVPC", price_row(0.005, usageType="USE1-PublicIPv4:InUseAddress"), "ipv4/hour", 0.005),
    ("AmazonVPC", price_row(0.01, usageType="VpcEndpoint-Hours"), "vpce/interface/hour", 0.01),
    (
        "AmazonVPC",
        price_row(0.01, usageType="USE1-VpcEndpoint-GWLBE-Hours"),
        "vpce/gateway-load-balancer/hour",
        0.01,
    ),
    ("AmazonVPC", price_row(0.05, usageType="VPN-Usage-Hours:ipsec.1"), "vpn/connection/hour", 0.05),
    ("AmazonMemoryDB", price_row(0.3, usageType="USE1-NodeUsage:db.r6g.large"), "memorydb/db.r6g.large", 0.3),
    ("AmazonDAX", price_row(0.04, usageType="EUW3-NodeUsage:dax.t3.small"), "dax/dax.t3.small", 0.04),
    ("AmazonES", price_row(0.24, "OCU-hours", usageType="APN1-SearchOCU"), "aoss/ocu", 0.24),
    (
        "AmazonES",
        price_row(0.135, "GB-Mo", usageType="ES:GP2-Storage"),
        "opensearch/storage/gp2/gb",
        0.135 / HOURS,
    ),
    (
        "ElasticMapReduce",
        price_row(0.048, Product_Family="Elastic Map Reduce Instance", usageType="BoxUsage:m5.xlarge"),
        "emr/surcharge/m5.xlarge",
        0.048,
    ),
    ("AWSNetworkFirewall", price_row(0.395, usageType="USE1-Endpoint-Hour"), "networkfirewall/endpoint/hour", 0.395),
    (
        "AmazonRoute53",
        price_row(0.125, "Hours", usageType="USE1-ResolverNetworkInterface"),
        "route53resolver/interface/hour",
        0.125,
    ),
    ("AWSTransfer", price_row(0.3, "Hourly", usageType="USE1-ProtocolHours"), "transfer/protocol", 0.3),
    ("AmazonMSK", price_row(0.1, "GB-Mo", usageType="USE1-Kafka.Storage.GP2"), "msk/storage/gb", 0.1 / HOURS),
    (
        "AmazonVPC",
        price_row(0.05, "hour", usageType="TransitGateway-Hours", operation="TransitGatewayVPC"),
        "tgw/attachment/hour",
        0.05,
    ),
    (
        "AmazonElastiCache",
        price_row(
            0.1248,
            Product_Family="Cache Instance",
            Instance_Type="cache.m5.large",
            Cache_Engine="Valkey",
            usageType="NodeUsage:cache.m5.large",
        ),
        "elasticache/valkey/cache.m5.large",
        0.1248,
    ),
    (
        "AmazonES",
        price_row(0.142, Instance_Type="m5.large.search", usageType="ESInstance:m5.large"),
        "opensearch/m5.large",
        0.142,
    ),
    ("AmazonMSK", price_row(0.21, "hours", usageType="USE1-Kafka.m5.large"), "msk/m5.large", 0.21),
    (
        "AmazonRedshift",
        price_row(3.26, Instance_Type="ra3.4xlarge", usageType="Node:ra3.4xlarge"),
        "redshift/ra3.4xlarge",
        3.26,
    ),
    (
        "AmazonECS",
        price_row(0.04048, "hours", usageType="USE1-Fargate-vCPU-Hours:perCPU"),
        "fargate/vcpu",
        0.04048,
    ),
    ("AmazonECS", price_row(0.004445, "hours", usageType="USE1-Fargate-GB-Hours"), "fargate/gb", 0.004445),
    ("AmazonEKS", price_row(0.1, "hours", usageType="USE1-AmazonEKS-Hours:perCluster"), "eks/cluster", 0.1),
    (
        "AmazonDynamoDB",
        price_row(0.00065, "WriteCapacityUnit-Hrs", usageType="WriteCapacityUnit-Hrs"),
        "dynamodb/wcu",
        0.00065,
    ),
    ("AmazonKinesis", price_row(0.015, "ShardHour", usageType="Storage-ShardHour"), "kinesis/shard", 0.015),
    ("AWSGlue", price_row(0.44, "DPU-Hour", usageType="USE1-ETL-DPU-Hour", operation="Jobrun"), "glue/dpu", 0.44),
    (
        "AWSLambda",
        price_row(0.0000033333, "Lambda-GB-Second", usageType="Lambda-Provisioned-Concurrency-ARM"),
        "lambda/provisioned/arm64",
        0.01199988,
    ),
]


@pytest.mark.parametrize(("offer", "row", "sku", "usd"), SHAPES, ids=[shape[2] for shape in SHAPES])
def test_a_row_is_a_sku(offer: str, row: Row, sku: str, usd: float) -> None:
    assert _parse(offer, row).rates == {sku: pytest.approx(usd)}
    assert offer_of(sku) == offer


def test_every_offer_is_proved_by_a_row() -> None:
    assert {offer for offer, *_ in SHAPES} == set(RULES)


def test_a_regions_prefix_of_the_usage_type_does_not_matter() -> None:
    row = price_row(0.048, Product_Family="NAT Gateway", usageType="EUW1-NatGateway-Hours")
    assert _parse("AmazonEC2", row | {"Region Code": "eu-west-1"}, region="eu-west-1").rates == {"nat/hour": 0.048}


@pytest.mark.parametrize(
    "row",
    [
        ec2_row("m5.large", 0.06, TermType="Reserved"),
        ec2_row("m5.large", 0.6, Currency="CNY"),
        ec2_row("m5.large", 0.188, Operating_System="Windows"),
        ec2_row("m5.large", 0.102, Tenancy="Dedicated"),
        ec2_row("m5.large", 0.57, **{"Pre_Installed_S/W": "SQL Std"}),
        ec2_row("m5.large", 0.096, License_Model="Bring your own license"),
        ec2_row("m5.large", 0.096, CapacityStatus="UnusedCapacityReservation"),
        ec2_row("m5.large", 0.115, Location_Type="AWS Local Zone"),
        ec2_row("m5.large", 0.115, Region_Code="us-west-2"),
        ec2_row("m5.large", 0.0),
        ec2_row("m5.large", 0.096, Unit="Quantity"),
        ec2_row("M5 LARGE/../x", 0.096),
    ],
)
def test_rows_about_something_else_are_left_out(row: Row) -> None:
    assert _parse("AmazonEC2", row) == OfferRows({}, 1, 0)


def test_the_surcharge_for_extended_support_is_not_the_price_of_a_cluster() -> None:
    row = price_row(0.5, "hours", usageType="USE1-AmazonEKS-Hours:extendedSupport")
    assert _parse("AmazonEKS", row).rates == {}


def test_valkey_nodes_are_not_the_price_of_redis_nodes() -> None:
    row = price_row(0.2, usageType="USE1-NodeUsage:db.r6g.large-valkey")
    assert _parse("AmazonMemoryDB", row).rates == {}


def test_the_surcharge_of_emr_is_not_the_price_of_its_instances() -> None:
    row = price_row(0.192, Product_Family="Compute Instance", usageType="BoxUsage:m5.xlarge")
    assert _parse("ElasticMapReduce", row).rates == {}


def test_io_optimized_aurora_is_not_the_standard_price() -> None:
    standard = rds_row("db.r5.large", 0.29, Database_Engine="Aurora MySQL")
    optimized = rds_row("db.r5.large", 0.377, Database_Engine="Aurora MySQL") | {
        "usageType": "InstanceUsageIOOptimized:db.r5.large"
    }
    assert _parse("AmazonRDS", optimized, standard).rates == {"rds/aurora-mysql/db.r5.large/single": 0.29}


def test_the_first_tier_that_costs_something_is_the_list_price() -> None:
    usage = {"usageType": "ReadCapacityUnit-Hrs"}
    free = price_row(0, "ReadCapacityUnit-Hrs", StartingRange="0", **usage)
    listed = price_row(0.00013, "ReadCapacityUnit-Hrs", StartingRange="18600", **usage)
    bulk = price_row(0.0001, "ReadCapacityUnit-Hrs", StartingRange="1000000", **usage)
    assert _parse("AmazonDynamoDB", bulk, free, listed).rates == {"dynamodb/rcu": 0.00013}


@pytest.mark.parametrize("price", ["", "free", "nan", "inf", "-1", "1e300", "1e9"])
def test_a_price_that_cannot_be_is_a_bad_row(price: str) -> None:
    found = _parse("AmazonEC2", ec2_row("m5.large", 0.096), ec2_row("c5.large", price))
    assert found == OfferRows({"ec2/m5.large": 0.096}, 2, 1)


def test_a_row_of_another_width_is_a_bad_row() -> None:
    text = offer_csv("AmazonEC2", [ec2_row("m5.large", 0.096)]) + '"only","three","cells"\n'
    assert parse_offer_csv(text.splitlines(keepends=True), "AmazonEC2", "us-east-1").bad_rows == 1


def test_a_file_that_is_mostly_bad_is_refused() -> None:
    with pytest.raises(InputError, match="4 of 4 rows cannot be read"):
        _parse("AmazonEC2", *[ec2_row(f"m{n}.large", "?") for n in range(1, 5)])


@pytest.mark.parametrize("lost", [1, 5, 60])
def test_a_file_that_is_cut_off_is_refused(lost: int) -> None:
    text = offer_csv("AmazonEC2", [ec2_row("m5.large", 0.096), ec2_row("m5.xlarge", 0.192)])
    with pytest.raises(InputError, match=r"cut off|not CSV"):
        parse_offer_csv(text[:-lost].splitlines(keepends=True), "AmazonEC2", "us-east-1")


def test_the_file_of_another_offer_is_refused() -> None:
    text = offer_csv("AmazonEKS", [])
    with pytest.raises(InputError, match="not the price list of AmazonEC2"):
        parse_offer_csv(text.splitlines(keepends=True), "AmazonEC2", "us-east-1")


def test_a_header_without_prices_is_refused() -> None:
    text = offer_csv("AmazonEC2", []).replace("PricePerUnit", "Price")
    with pytest.raises(InputError, match="columns PricePerUnit are missing"):
        parse_offer_csv(text.splitlines(keepends=True), "AmazonEC2", "us-east-1")


def test_endless_new_types_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.prices.offer_csv.MAX_SKUS", 5)
    with pytest.raises(InputError, match="more than 5 SKUs"):
        _parse("AmazonEC2", *[ec2_row(f"m{n}.large", 1.0) for n in range(6)])


def test_an_endless_line_is_refused() -> None:
    with pytest.raises(InputError, match="not a price"):
        parse_offer_csv(["x" * (MAX_LINE_CHARS + 1)], "AmazonEC2", "us-east-1")


@given(st.text(alphabet='",\n\r\x00aN-1', max_size=60), st.integers(0, 900))
def test_whatever_is_in_a_file_it_is_read_or_refused(noise: str, where: int) -> None:
    text = offer_csv("AmazonEC2", [ec2_row("m5.large", 0.096)])
    broken = text[:where] + noise + text[where:]
    try:
        found = parse_offer_csv(broken.splitlines(keepends=True), "AmazonEC2", "us-east-1")
    except InputError:
        return
    assert all(0 < usd < MAX_USD_PER_HOUR for usd in found.rates.values())

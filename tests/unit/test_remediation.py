"""The commands that stop what an anomaly started."""

import shlex
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.models.anomaly import ResourceRef
from engine.remediation import StopCommands, commands_for, stop_commands
from tests.blocks.samples import INSTANCES, LEAKED_KEY, REFERENCES, incident

ACCOUNT = "111122223333"


def stop(service: str, resource_type: str, resource_id: str, region: str = "us-east-1") -> StopCommands:
    """Commands for one resource."""
    return commands_for(ACCOUNT, [ResourceRef(region, service, resource_type, resource_id)])


def test_instances_are_stopped_together_and_terminated_only_if_that_fails() -> None:
    commands = stop_commands(LEAKED_KEY)
    ids = " ".join(INSTANCES)
    assert commands.stop == (f"aws ec2 stop-instances --region ap-southeast-1 --instance-ids {ids}",)
    assert commands.harder == (f"aws ec2 terminate-instances --region ap-southeast-1 --instance-ids {ids}",)


def test_only_what_still_runs_is_named() -> None:
    commands = stop_commands(incident(running_ids=INSTANCES[2:]))
    assert commands.stop[0].endswith(f"--instance-ids {INSTANCES[2]} {INSTANCES[3]}")
    assert stop_commands(incident(running_ids=())) == StopCommands()


def test_each_region_has_its_own_command() -> None:
    resources = [
        ResourceRef(region, "ec2", "m5.large", f"i-0{n}") for n, region in enumerate(["eu-west-1", "us-east-1"])
    ]
    assert commands_for(ACCOUNT, resources).stop == (
        "aws ec2 stop-instances --region eu-west-1 --instance-ids i-00",
        "aws ec2 stop-instances --region us-east-1 --instance-ids i-01",
    )


def no_longer_than(limit: int) -> Callable[[StopCommands], bool]:
    """Whether all lines together have at most so many characters."""
    return lambda commands: sum(map(len, (*commands.stop, *commands.harder, *commands.listing))) <= limit


def test_as_many_are_named_as_fit_and_the_rest_is_counted_and_can_be_listed() -> None:
    resources = [ResourceRef("us-east-1", "ec2", "m5.large", f"i-{n:05x}") for n in range(1000)]
    commands = commands_for(ACCOUNT, resources, no_longer_than(1000))
    assert commands.named == len(commands.stop[0].split(" i-")) - 1 > 30
    assert no_longer_than(1000)(commands)
    assert commands.running == 1000
    assert [line.split(" --filters")[0] for line in commands.listing] == [
        "aws ec2 describe-instances --region us-east-1"
    ]
    assert commands_for(ACCOUNT, resources[:3]).listing == ()


@pytest.mark.parametrize("least", range(7))
def test_the_most_that_fit_are_named(least: int) -> None:
    resources = [ResourceRef("us-east-1", "ec2", "m5.large", f"i-{n:05x}") for n in range(6)]
    assert commands_for(ACCOUNT, resources, lambda commands: commands.named <= least).named == min(least, 6)


def test_members_stop_with_their_cluster_where_that_is_stopped_and_are_deleted_alone_where_it_is_not() -> None:
    here, there = (
        ResourceRef(region, "rds", "db.r5.large", "orders-1", in_cluster=True) for region in ("us-east-1", "eu-west-1")
    )
    cluster = ResourceRef("us-east-1", "rds", "db_cluster", "cluster:orders")
    both = commands_for(ACCOUNT, [here, there, cluster])
    assert both.stop == (
        "aws rds stop-db-cluster --region us-east-1 --db-cluster-identifier orders",
        "aws rds delete-db-instance --region eu-west-1 --db-instance-identifier orders-1",
    )
    assert both.harder == ("aws rds delete-db-instance --region us-east-1 --db-instance-identifier orders-1",)
    assert both.named == 3
    one = commands_for(ACCOUNT, [here, cluster], lambda commands: commands.named <= 1)
    assert (one.stop, one.harder) == (both.stop[:1], ())


def test_a_cache_without_snapshots_is_deleted_without_one() -> None:
    plain = "aws elasticache delete-cache-cluster --region us-east-1 --cache-cluster-id web"
    for memory_only, stop, harder in (
        (True, plain, ()),
        (False, f"{plain} --final-snapshot-identifier web-final", (plain,)),
    ):
        cache = ResourceRef("us-east-1", "elasticache", "cache.m5.large", "cluster:web", memory_only=memory_only)
        commands = commands_for(ACCOUNT, [cache])
        assert (commands.stop, commands.harder) == ((stop,), harder)


def test_a_multi_az_cluster_is_copied_and_then_deleted_and_stops_no_member_of_another() -> None:
    cluster = ResourceRef("us-east-1", "rds", "db.m6gd.large", "cluster:ledger")
    member = ResourceRef("us-east-1", "rds", "db.r5.large", "orders-1", in_cluster=True)
    commands = commands_for(ACCOUNT, [cluster, member])
    named = "--region us-east-1 --db-cluster-identifier ledger"
    assert commands.stop == (
        f"aws rds create-db-cluster-snapshot {named} --db-cluster-snapshot-identifier ledger-copy",
        "aws rds delete-db-instance --region us-east-1 --db-instance-identifier orders-1",
    )
    assert commands.harder == (f"aws rds delete-db-cluster {named} --final-db-snapshot-identifier ledger-final",)


@pytest.mark.parametrize(
    ("resource_type", "resource_id", "command"),
    [
        ("db.r5.large", "orders", "stop-db-instance --region us-east-1 --db-instance-identifier orders"),
        (
            "db.r5.large",
            "arn:aws:rds:us-east-1:123456789012:cluster:orders",
            "stop-db-cluster --region us-east-1 --db-cluster-identifier orders",
        ),
        ("aurora_cluster", "orders", "stop-db-cluster --region us-east-1 --db-cluster-identifier orders"),
    ],
)
def test_databases_are_stopped_never_deleted(resource_type: str, resource_id: str, command: str) -> None:
    commands = stop("rds", resource_type, resource_id)
    assert commands.stop == (f"aws rds {command}",)
    assert commands.harder == ()


def test_provisioned_concurrency_is_released_before_calls_are_blocked() -> None:
    commands = stop("lambda", "lambda_provisioned_concurrency", "resize:prod")
    assert commands.stop == (
        "aws lambda delete-provisioned-concurrency-config --region us-east-1 --function-name resize --qualifier prod",
    )
    block_calls = "--function-name resize --reserved-concurrent-executions 0"
    assert commands.harder == (f"aws lambda put-function-concurrency --region us-east-1 {block_calls}",)
    assert stop("lambda", "lambda_function", "resize:$LATEST").stop == commands.harder


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_stream_of_any_size_is_put_on_demand_before_it_is_deleted(region: str, partition: str) -> None:
    """AWS halves the shards at best, so that no single target suits streams of all sizes."""
    commands = stop("kinesis", "kinesis_stream", "clicks", region)
    arn = f"arn:{partition}:kinesis:{region}:{ACCOUNT}:stream/clicks"
    on_demand = f"--stream-arn {arn} --stream-mode-details StreamMode=ON_DEMAND"
    assert commands.stop == (f"aws kinesis update-stream-mode --region {region} {on_demand}",)
    assert commands.harder == (f"aws kinesis delete-stream --region {region} --stream-name clicks",)


def test_the_account_of_an_incident_is_in_what_names_it() -> None:
    stream = ResourceRef("us-east-1", "kinesis", "kinesis_stream", "clicks")
    (line,) = stop_commands(incident(account_id="444455556666", resources=(stream,), running_ids=("clicks",))).stop
    assert "arn:aws:kinesis:us-east-1:444455556666:stream/clicks" in line


def test_nat_gateways_are_deleted_one_by_one() -> None:
    resources = [ResourceRef("us-east-1", "ec2", "nat_gateway", f"nat-0{n}") for n in range(2)]
    assert commands_for(ACCOUNT, resources).stop == (
        "aws ec2 delete-nat-gateway --region us-east-1 --nat-gateway-id nat-00",
        "aws ec2 delete-nat-gateway --region us-east-1 --nat-gateway-id nat-01",
    )


LEAVE_SUBNET = "ec2 disassociate-client-vpn-target-network"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/web/42306a5c6d606af3"
FIREWALL = "arn:aws:network-firewall:us-east-1:111122223333:firewall/edge"
ACCELERATOR = "arn:aws:globalaccelerator::111122223333:accelerator/3bcfb219-ffc0-46c8-801d-91510c236d87"


@pytest.mark.parametrize(
    ("service", "resource_type", "resource_id", "gentle", "hard"),
    [
        (
            "ec2",
            "io2",
            "vol-0a1",
            "ec2 modify-volume --volume-id vol-0a1 --volume-type gp3 --iops 3000 --throughput 125",
            "ec2 delete-volume --volume-id vol-0a1",
        ),
        (
            "ec2",
            "gp3",
            "vol-0a1",
            "ec2 create-snapshot --volume-id vol-0a1",
            "ec2 delete-volume --volume-id vol-0a1",
        ),
        (
            "ec2",
            "ebs_snapshot",
            "snap-0a1",
            "ec2 modify-snapshot-tier --snapshot-id snap-0a1 --storage-tier archive",
            "ec2 delete-snapshot --snapshot-id snap-0a1",
        ),
        (
            "ec2",
            "public_ipv4",
            "eipalloc-0a1",
            "ec2 release-address --allocation-id eipalloc-0a1",
            None,
        ),
        (
            "ec2",
            "vpc_interface_endpoint",
            "vpce-0a1",
            "ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-0a1",
            None,
        ),
        (
            "ec2",
            "transit_gateway_vpc_attachment",
            "tgw-attach-0a1",
            "ec2 delete-transit-gateway-vpc-attachment --transit-gateway-attachment-id tgw-attach-0a1",
            None,
        ),
        (
            "ec2",
            "transit_gateway_peering_attachment",
            "tgw-attach-0a1",
            "ec2 delete-transit-gateway-peering-attachment --transit-gateway-attachment-id tgw-attach-0a1",
            None,
        ),
        (
            "ec2",
            "vpn_connection",
            "vpn-0a1",
            "ec2 delete-vpn-connection --vpn-connection-id vpn-0a1",
            None,
        ),
        (
            "ec2",
            "client_vpn_association",
            "cvpn-endpoint-1/cvpn-assoc-2",
            f"{LEAVE_SUBNET} --client-vpn-endpoint-id cvpn-endpoint-1 --association-id cvpn-assoc-2",
            None,
        ),
        (
            "ec2",
            "client_vpn_endpoint",
            "cvpn-endpoint-0a1",
            "ec2 delete-client-vpn-endpoint --client-vpn-endpoint-id cvpn-endpoint-0a1",
            None,
        ),
        (
            "elasticloadbalancing",
            "network_load_balancer",
            BALANCER,
            f"elbv2 delete-load-balancer --load-balancer-arn {BALANCER}",
            None,
        ),
        (
            "elasticloadbalancing",
            "classic_load_balancer",
            "web",
            "elb delete-load-balancer --load-balancer-name web",
            None,
        ),
        (
            "network-firewall",
            "network_firewall",
            FIREWALL,
            f"network-firewall delete-firewall --firewall-arn {FIREWALL}",
            None,
        ),
        (
            "route53resolver",
            "resolver_endpoint",
            "rslvr-in-0a1",
            "route53resolver delete-resolver-endpoint --resolver-endpoint-id rslvr-in-0a1",
            None,
        ),
        (
            "globalaccelerator",
            "global_accelerator",
            ACCELERATOR,
            f"globalaccelerator update-accelerator --accelerator-arn {ACCELERATOR} --no-enabled",
            f"globalaccelerator delete-accelerator --accelerator-arn {ACCELERATOR}",
        ),
    ],
)
def test_storage_and_network_are_made_small_before_they_are_deleted(
    service: str, resource_type: str, resource_id: str, gentle: str, hard: str | None
) -> None:
    commands = stop(service, resource_type, resource_id)
    plain = [line.replace(" --region us-east-1", "", 1) for line in (*commands.stop, *commands.harder)]
    assert plain == [f"aws {command}" for command in (gentle, hard) if command]


@pytest.mark.parametrize(
    ("service", "resource_id", "region"),
    [
        ("ec2", "i-0a1; rm -rf /", "us-east-1"),
        ("ec2", "$(reboot)", "us-east-1"),
        ("ec2", "i-0a1\n", "us-east-1"),
        ("ec2", "i-0a1", "us-east-1 --profile admin"),
        ("ec2", "i-0a1", ""),
        ("rds", "--all", "us-east-1"),
        ("lambda", "-f", "us-east-1"),
        ("dynamodb", "orders;reboot", "us-east-1"),
        ("sqs", "orders", "us-east-1"),
    ],
)
def test_what_aws_never_names_so_gets_no_command(service: str, resource_id: str, region: str) -> None:
    assert stop(service, "x", resource_id, region) == StopCommands(running=1)


@given(resources=st.lists(REFERENCES, max_size=20), limit=st.integers(0, 2000))
def test_every_line_is_one_plain_aws_command(resources: list[ResourceRef], limit: int) -> None:
    commands = commands_for(ACCOUNT, resources, no_longer_than(limit))
    assert commands.named <= commands.running
    assert no_longer_than(limit)(commands) or not commands.named
    for line in (*commands.stop, *commands.harder):
        assert line.startswith("aws ")
        assert shlex.join(shlex.split(line)) == line
        assert not set(line) & set("'\"`$;|&<>\n")

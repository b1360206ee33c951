"""The shapes of the records that readers stumble over."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from demo.aws_account import records
from demo.aws_account.history import username_of
from demo.aws_account.identities import Actor, autoscaling, iam_user, sso_person
from demo.aws_account.records import Record, Scene, Writer
from demo.aws_account.resources import resources_of

ACCOUNT = "111122223333"
AT = datetime(2026, 11, 19, 10, 0, tzinfo=UTC)
ANN = iam_user(ACCOUNT, "ann", source_ip="192.0.2.1", user_agent="test")


def scene(actor: Actor = ANN, seed: int = 1) -> Scene:
    return Writer(ACCOUNT, Random(seed)).scene(actor, AT, "eu-west-1")  # noqa: S311 - made-up ids, no secrets


@pytest.mark.parametrize(
    ("record", "source", "name"),
    [
        (records.run_instances(scene(), "m5.large"), "ec2", "RunInstances"),
        (records.stop_instances(scene(), ["i-1"]), "ec2", "StopInstances"),
        (records.terminate_instances(scene(), ["i-1"]), "ec2", "TerminateInstances"),
        (records.create_volume(scene(), 100), "ec2", "CreateVolume"),
        (records.create_nat_gateway(scene()), "ec2", "CreateNatGateway"),
        (records.delete_nat_gateway(scene(), "nat-1"), "ec2", "DeleteNatGateway"),
        (records.create_db_instance(scene(), "orders", "db.r5.large"), "rds", "CreateDBInstance"),
        (records.delete_db_instance(scene(), "orders", "db.r5.large"), "rds", "DeleteDBInstance"),
        (records.create_function(scene(), "thumbnails"), "lambda", "CreateFunction20150331"),
        (records.put_provisioned_concurrency(scene(), "f", 5), "lambda", "PutProvisionedConcurrencyConfig"),
        (records.put_role_policy(scene(), "ci"), "iam", "PutRolePolicy"),
    ],
)
def test_every_call_is_named_as_aws_names_it(record: Record, source: str, name: str) -> None:
    assert (record["eventSource"], record["eventName"]) == (f"{source}.amazonaws.com", name)
    assert record["eventTime"] == "2026-11-19T10:00:00Z"
    assert record["eventVersion"] == "1.11"
    assert record["recipientAccountId"] == ACCOUNT


def test_a_launch_lists_its_instances_with_type_and_time() -> None:
    launch = records.run_instances(scene(), "m5.large", 3, name="app")
    items = launch["responseElements"]["instancesSet"]["items"]
    assert [item["instanceType"] for item in items] == ["m5.large"] * 3
    assert len(set(records.instance_ids(launch))) == 3
    assert {item["launchTime"] for item in items} == {int(AT.timestamp() * 1000)}
    assert {item["tagSet"]["items"][0]["value"] for item in items} == {"app"}


def test_the_same_seed_gives_the_same_ids_and_another_gives_others() -> None:
    assert records.run_instances(scene(), "m5.large") == records.run_instances(scene(), "m5.large")
    assert records.run_instances(scene(), "m5.large") != records.run_instances(scene(seed=2), "m5.large")


def test_a_failed_launch_has_an_error_and_no_response() -> None:
    failed = records.failed_run_instances(scene(), "m5.large", 4, ("Client.VcpuLimitExceeded", "too many"))
    assert (failed["errorCode"], failed["errorMessage"]) == ("Client.VcpuLimitExceeded", "too many")
    assert failed["responseElements"] is None
    assert failed["requestParameters"]["instancesSet"]["items"][0]["maxCount"] == 4


def test_newer_ec2_calls_are_wrapped() -> None:
    created = records.create_nat_gateway(scene())
    gateway = created["responseElements"]["CreateNatGatewayResponse"]["natGateway"]
    deleted = records.delete_nat_gateway(scene(seed=2), gateway["natGatewayId"])
    assert created["requestParameters"]["CreateNatGatewayRequest"]["SubnetId"] == gateway["subnetId"]
    assert deleted["requestParameters"]["DeleteNatGatewayRequest"]["NatGatewayId"] == gateway["natGatewayId"]
    assert ("AWS::EC2::NatGateway", gateway["natGatewayId"]) in resources_of(created)


def test_volume_sizes_are_strings_and_database_members_have_their_odd_spelling() -> None:
    assert records.create_volume(scene(), 100)["responseElements"]["size"] == "100"
    database = records.create_db_instance(scene(), "orders", "db.r5.large", multi_az=True)
    assert database["responseElements"]["dBInstanceClass"] == "db.r5.large"
    assert database["responseElements"]["multiAZ"] is True


def test_a_person_of_sso_is_told_by_the_session_name() -> None:
    maria = sso_person(ACCOUNT, "Developer", "maria@acme.example", source_ip="192.0.2.1", user_agent="test")
    identity: dict[str, Any] = records.create_volume(scene(maria), 1)["userIdentity"]
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer["userName"].startswith("AWSReservedSSO_Developer_")
    assert issuer["arn"].endswith(f":role/aws-reserved/sso.amazonaws.com/{issuer['userName']}")
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{issuer['userName']}/maria@acme.example"
    assert identity["sessionContext"]["attributes"]["creationDate"] < "2026-11-19T10:00:00Z"
    assert username_of(identity) == "maria@acme.example"


def test_auto_scaling_calls_for_itself() -> None:
    launch = records.run_instances(scene(autoscaling(ACCOUNT)), "c5.large")
    assert launch["userIdentity"]["invokedBy"] == launch["userAgent"] == "autoscaling.amazonaws.com"
    assert "accessKeyId" not in launch["userIdentity"]
    assert "tlsDetails" not in launch


def test_root_and_services_have_their_names_or_none() -> None:
    assert username_of({"type": "Root", "principalId": ACCOUNT}) == "root"
    assert username_of({"type": "AWSService", "invokedBy": "ecs.amazonaws.com"}) is None

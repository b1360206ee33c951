"""infra/hub.yaml, deployed into moto. What moto's CloudFormation leaves out is given to the services themselves."""

import json
import warnings
from ast import literal_eval
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3  # type: ignore[import-untyped] # it ships no types
import pytest
from moto import mock_aws

from clients.emf import NAMESPACE, EmfLog
from engine.cloudtrail.envelope import open_envelope, parse_heartbeat
from services.metering import Metric
from tests.unit.test_infra import INFRA, parsed

pytestmark = pytest.mark.integration

ACCOUNT, REGION = "123456789012", "us-east-1"
RESOURCES = parsed("hub.yaml")["Resources"]
QUEUES = {
    "dd0c-events": ("dd0c-events-dead", False),
    "dd0c-work.fifo": ("dd0c-dead.fifo", True),
}


def of_type(kind: str) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == kind}


@pytest.fixture(scope="module")
def hub() -> Iterator[dict[str, str]]:
    """The stack's outputs, while it is deployed."""
    with pytest.MonkeyPatch.context() as environment, mock_aws(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tried to parse", UserWarning)  # By which moto tells what it leaves out.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "made-up")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        cloudformation = client("cloudformation")
        cloudformation.create_stack(
            StackName="dd0c-hub",
            TemplateBody=(INFRA / "hub.yaml").read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        (stack,) = cloudformation.describe_stacks(StackName="dd0c-hub")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        yield {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def attributes(name: str) -> dict[str, str]:
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return dict(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


@pytest.mark.parametrize("name", QUEUES)
def test_queues_give_up_after_three_receives_and_are_sealed(hub: dict[str, str], name: str) -> None:
    dead, fifo = QUEUES[name]
    queue = attributes(name)
    policy = json.loads(queue["RedrivePolicy"])
    assert (policy["deadLetterTargetArn"].rsplit(":")[-1], policy["maxReceiveCount"]) == (dead, 3)
    for one in (queue, attributes(dead)):
        assert hub["KeyArn"].endswith(one["KmsMasterKeyId"])
        assert (one.get("FifoQueue") == "true") is fifo
    assert attributes(dead)["MessageRetentionPeriod"] == str(14 * 86_400)


def test_the_work_queue_is_as_operations_asks_for(hub: dict[str, str]) -> None:
    queue = attributes(hub["WorkQueueUrl"].rsplit("/")[-1])
    assert (queue["DeduplicationScope"], queue["FifoThroughputLimit"]) == ("messageGroup", "perMessageGroupId")
    assert queue["MessageRetentionPeriod"] == "3600"


@pytest.mark.usefixtures("hub")
def test_the_bus_hands_records_and_heartbeats_to_the_queue_and_nothing_else() -> None:
    events = client("events")
    assert events.describe_event_bus(Name="dd0c-cost-bus")["Arn"].startswith(f"arn:aws:events:{REGION}:{ACCOUNT}")
    record = {"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "recipientAccountId": ACCOUNT}
    record["eventTime"] = "2026-01-05T10:00:00Z"
    for source, kind, detail in (
        ("aws.ec2", "AWS API Call via CloudTrail", record),
        ("aws.events", "Scheduled Event", {}),
        ("aws.ec2", "EC2 Instance State-change Notification", {"state": "running"}),
        ("shop", "Scheduled Event", {}),
    ):
        entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": "dd0c-cost-bus"}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="dd0c-events")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    # Who sent it is the one thing that moto leaves out of an envelope.
    bodies = [json.dumps(json.loads(one["Body"]) | {"account": ACCOUNT}) for one in messages]
    assert len(bodies) == 2
    assert json.loads(open_envelope(bodies[0])) == record
    beat = parse_heartbeat(bodies[1])
    assert beat is not None
    assert beat.account_id == ACCOUNT


@pytest.mark.usefixtures("hub")
def test_what_rules_cannot_deliver_is_a_dead_letter() -> None:
    events = client("events")
    for rule in ("dd0c-records", "dd0c-heartbeats"):
        (target,) = events.list_targets_by_rule(Rule=rule, EventBusName="dd0c-cost-bus")["Targets"]
        assert target["Arn"].endswith(":dd0c-events")
        assert target["DeadLetterConfig"]["Arn"].endswith(":dd0c-events-dead")


def test_the_bus_takes_what_customers_rules_forward() -> None:
    (policy,) = of_type("AWS::Events::EventBusPolicy").values()
    kinds = policy["Statement"]["Condition"]["StringEquals"]["events:detail-type"]
    forwarded = parsed("customer-role.yaml")["Resources"]["ForwardingRule"]["Properties"]["EventPattern"]
    assert set(kinds) == {*forwarded["detail-type"], "Scheduled Event"}
    records = of_type("AWS::Events::Rule")["RecordsRule"]["EventPattern"]
    assert records["detail-type"] == forwarded["detail-type"]


def test_the_archive_and_the_key(hub: dict[str, str]) -> None:
    bucket = hub["ArchiveUrl"].removeprefix("s3://").partition("/")[0]
    s3, kms = client("s3"), client("kms")
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": hub["KeyArn"]}
    assert kms.get_key_rotation_status(KeyId=hub["KeyArn"])["KeyRotationEnabled"] is True
    aliases = {one["AliasName"]: one.get("TargetKeyId", "") for one in kms.list_aliases()["Aliases"]}
    assert hub["KeyArn"].endswith(aliases["alias/dd0c-cost"])
    properties = of_type("AWS::S3::Bucket")["Archive"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    lifecycle = properties["LifecycleConfiguration"]["Rules"]
    assert [(one["Status"], one["ExpirationInDays"]) for one in lifecycle] == [("Enabled", "RetentionDays")]


@pytest.mark.usefixtures("hub")
def test_logs_are_kept_for_a_year() -> None:
    groups = client("logs").describe_log_groups(logGroupNamePrefix="/dd0c/")["logGroups"]
    assert {one["logGroupName"]: one["retentionInDays"] for one in groups} == {"/dd0c/web": 365, "/dd0c/worker": 365}


def statements(role: str) -> list[dict[str, Any]]:
    """What a role may do. moto attaches no policy of the same stack, so the template is asked which one it is."""
    iam = client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    (properties,) = [one for one in of_type("AWS::IAM::Role").values() if one["RoleName"] == role]
    assert properties["ManagedPolicyArns"] == ["WorkPolicy"]
    arn = f"arn:aws:iam::{ACCOUNT}:policy/dd0c-work"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    documents.append(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    whole = [literal_eval(one) if isinstance(one, str) else one for one in documents]  # As moto gives inline ones.
    return [statement for document in whole for statement in document["Statement"]]


@pytest.mark.parametrize("role", ["dd0c-web", "dd0c-worker"])
@pytest.mark.usefixtures("hub")
def test_tasks_may_do_what_they_need_and_on_their_own_things_only(role: str) -> None:
    trust = client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert [one["Principal"] for one in trust] == [{"Service": "ecs-tasks.amazonaws.com"}]
    allowed: dict[str, set[str]] = {}
    for statement in statements(role):
        named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not any("*" in action for action in actions)
        assert not any(resource == "*" for resource in named)
        for action in actions:
            allowed.setdefault(action, set()).update(resource.rsplit(":")[-1] for resource in named)
    assert allowed["sts:AssumeRole"] == {"role/dd0c-cost-readonly"}
    assert allowed["sqs:SendMessage"] == allowed["sqs:ChangeMessageVisibility"] == {"dd0c-work.fifo"}
    events = {"dd0c-events"} if role == "dd0c-web" else set()
    assert allowed["sqs:ReceiveMessage"] == allowed["sqs:DeleteMessage"] == {"dd0c-work.fifo", *events}
    assert allowed["sqs:GetQueueUrl"] >= {"dd0c-dead.fifo", "dd0c-events-dead"}
    assert {"s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "kms:GenerateDataKey", "kms:Decrypt"} < set(allowed)


def alarms() -> list[dict[str, Any]]:
    """Put the alarms as CloudFormation would, and describe them."""
    cloudwatch, topic = client("cloudwatch"), f"arn:aws:sns:{REGION}:{ACCOUNT}:ops-alerts"
    for properties in of_type("AWS::CloudWatch::Alarm").values():
        assert properties["AlarmActions"] == properties["OKActions"] == ["Alerts"]
        cloudwatch.put_metric_alarm(**properties | {"AlarmActions": [topic], "OKActions": [topic]})
    return list(cloudwatch.describe_alarms()["MetricAlarms"])


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    queries = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one]
    return queries or [alarm]


@pytest.mark.usefixtures("hub")
def test_every_alarm_is_of_a_metric_that_the_processes_send() -> None:
    lines: list[str] = []
    EmfLog(counts=list(Metric), clock=lambda: datetime.now(UTC), write=lines.append).flush()
    sent = json.loads(lines[0])
    ((dimension,),) = sent["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    used = set()
    for alarm in alarms():
        for metric in metrics_of(alarm):
            assert metric["Namespace"] == NAMESPACE
            assert metric["Dimensions"] == [{"Name": dimension, "Value": sent[dimension]}]
            used.add(Metric(metric["MetricName"]))
    assert used == {Metric.OPERATIONS, Metric.ERRORS, Metric.DEAD_LETTERS, Metric.LAG, Metric.RECORDS}


@pytest.mark.usefixtures("hub")
def test_alarms_go_off_when_the_issue_says_and_tell_the_topic() -> None:
    assert [one["TopicArn"].rsplit(":")[-1] for one in client("sns").list_topics()["Topics"]] == ["ops-alerts"]
    found = {one["AlarmName"]: one for one in alarms()}
    assert all(one["AlarmActions"][0].endswith(":ops-alerts") for one in found.values())
    limits = {
        name: (one["ComparisonOperator"], one["Threshold"], one.get("TreatMissingData")) for name, one in found.items()
    }
    assert limits == {
        "dd0c-errors": ("GreaterThanThreshold", 5.0, "notBreaching"),
        "dd0c-dead-letters": ("GreaterThanThreshold", 0.0, "notBreaching"),
        "dd0c-lag": ("GreaterThanThreshold", 1800.0, "notBreaching"),
        "dd0c-no-records": ("LessThanThreshold", 1.0, "breaching"),
    }
    periods = {one["MetricStat"]["Period"] for one in found["dd0c-errors"]["Metrics"] if "MetricStat" in one}
    assert periods == {300}


def test_policies_let_in_the_service_that_is_meant_and_no_other() -> None:
    (queue,) = of_type("AWS::SQS::QueuePolicy").values()
    (statement,) = queue["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == ["RecordsRule.Arn", "HeartbeatsRule.Arn"]
    (topic,) = of_type("AWS::SNS::TopicPolicy").values()
    (statement,) = topic["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")
    (bucket,) = of_type("AWS::S3::BucketPolicy").values()
    assert [one["Effect"] for one in bucket["PolicyDocument"]["Statement"]] == ["Deny"]

"""Every command in the tables is one that AWS has, with parameters that AWS knows, and fits the ids we keep."""

import re
from collections.abc import Container

import pytest
from botocore.model import OperationModel
from botocore.session import Session

from engine.cloudtrail.registry import REGISTRY
from engine.models.anomaly import ResourceRef
from engine.remediation import commands_for
from engine.remediation.commands import WAYS
from engine.remediation.way import Way
from engine.zombies.rules import RULES

# The command line's own name for an operation of the API, and its own name for that operation's parameter.
_CUSTOM = {("emr", "terminate-clusters"): ("terminate-job-flows", {"--cluster-ids": "--job-flow-ids"})}
_OWN_OPTIONS = {"--query", "--output"}
_COMMANDS = [
    pytest.param(command, id=command)
    for command in dict.fromkeys(
        [
            *(c for way in WAYS for c in (way.stop, way.harder, way.listing) if c),
            *(c for rule in RULES for c in rule.commands),
        ]
    )
]
_UUID = "83084183-4a5a-4bc1-afba-b5b6f1640c6b"
_HEX = "29a93580983c4c8ab5489607bdaab024"
_ARN = "arn:aws:{}:us-east-1:111122223333:{}"
EXAMPLES = [
    ("ec2", "m5.large", "i-0a1", "ec2 stop-instances", "ec2 terminate-instances"),
    ("ec2", "nat_gateway", "nat-0a1", "ec2 delete-nat-gateway", ""),
    ("eks", "eks_cluster", "prod", "eks delete-cluster", ""),
    ("ecs", "fargate_service", "service/shop/web", "ecs update-service", "ecs delete-service"),
    ("ecs", "fargate_task", f"task/shop/{_HEX}", "ecs stop-task", ""),
    (
        "apprunner",
        "x",
        _ARN.format("apprunner", f"service/api-1/{_HEX}"),
        "apprunner pause-service",
        "apprunner delete-service",
    ),
    ("appstream", "x", "MW-Demo-01", "appstream stop-fleet", "appstream delete-fleet"),
    (
        "workspaces",
        "workspace",
        "ws-0123456789",
        "workspaces modify-workspace-properties",
        "workspaces terminate-workspaces",
    ),
    ("lightsail", "lightsail_instance", "Instance/blog-1", "lightsail delete-instance", ""),
    ("rds", "db_cluster", "cluster:orders", "rds stop-db-cluster", ""),
    ("rds", "aurora_serverless_v2", "cluster:orders", "rds stop-db-cluster", ""),
    ("rds", "db.m6gd.large", "cluster:orders", "rds create-db-cluster-snapshot", "rds delete-db-cluster"),
    ("rds", "db_proxy", "db-proxy:pool", "rds delete-db-proxy", ""),
    ("rds", "db.r5.large", "orders", "rds stop-db-instance", ""),
    ("elasticache", "x", "cluster:web", "elasticache delete-cache-cluster", "elasticache delete-cache-cluster"),
    (
        "elasticache",
        "x",
        "replicationgroup:web",
        "elasticache delete-replication-group",
        "elasticache delete-replication-group",
    ),
    (
        "elasticache",
        "x",
        "serverlesscache:web",
        "elasticache delete-serverless-cache",
        "elasticache delete-serverless-cache",
    ),
    ("redshift", "ra3.4xlarge", "dw", "redshift pause-cluster", "redshift delete-cluster"),
    (
        "redshift-serverless",
        "x",
        "adhoc",
        "redshift-serverless update-workgroup",
        "redshift-serverless delete-workgroup",
    ),
    ("es", "r6g.large.search", "logs", "opensearch update-domain-config", "opensearch delete-domain"),
    ("dynamodb", "dynamodb_table", "orders", "dynamodb update-table", ""),
    ("elasticfilesystem", "efs_file_system", "fs-01975f073c6852d99", "efs update-file-system", ""),
    ("fsx", "fsx_file_system", "fs-0498eed5fe91001ec", "fsx create-backup", "fsx delete-file-system"),
    ("kendra", "kendra_index", _UUID, "kendra delete-index", ""),
    ("ds", "directory", "d-95670380fd", "ds delete-directory", ""),
    ("sagemaker", "ml.g5.xlarge", "endpoint/fraud", "sagemaker delete-endpoint", ""),
    (
        "sagemaker",
        "x",
        "notebook-instance/lab",
        "sagemaker stop-notebook-instance",
        "sagemaker delete-notebook-instance",
    ),
    ("sagemaker", "x", "training-job/fraud-1", "sagemaker stop-training-job", ""),
    ("sagemaker", "x", "hyper-parameter-tuning-job/f", "sagemaker stop-hyper-parameter-tuning-job", ""),
    ("sagemaker", "x", "cluster/big", "sagemaker delete-cluster", ""),
    ("sagemaker", "x", "app/d-1/user-profile=alice/KernelGateway/gpu", "sagemaker delete-app", ""),
    ("sagemaker", "x", "app/d-1/space=alice/JupyterLab/default", "sagemaker delete-app", ""),
    (
        "bedrock",
        "x",
        _ARN.format("bedrock", "provisioned-model/0123456789ab"),
        "bedrock delete-provisioned-model-throughput",
        "",
    ),
    ("kinesis", "kinesis_stream", "clicks", "kinesis update-stream-mode", "kinesis delete-stream"),
    ("kafka", "x", _ARN.format("kafka", f"cluster/clicks/{_UUID}-s1"), "kafka delete-cluster", ""),
    ("amazonmq", "mq.m5.large", f"b-{_UUID}", "mq delete-broker", ""),
    ("glue", "glue_job_run", "job/nightly/jr_4f0c", "glue batch-stop-job-run", ""),
    ("glue", "glue_dev_endpoint", "devEndpoint/lab", "glue delete-dev-endpoint", ""),
    ("glue", "glue_session", "session/s1", "glue stop-session", ""),
    (
        "elasticmapreduce",
        "emr_cluster",
        "j-2WDJCGEG4E6AJ",
        "emr put-auto-termination-policy",
        "emr terminate-clusters",
    ),
    ("emr-serverless", "x", "ready/00f1abc", "emr-serverless stop-application", ""),
    ("emr-serverless", "x", "run/00f1abc/00g2", "emr-serverless cancel-job-run", ""),
    ("memorydb", "db.r6g.large", "carts", "memorydb delete-cluster", ""),
    ("dax", "dax.r5.large", "cart", "dax delete-cluster", ""),
    ("aoss", "x", "07tjusf2h91cunochc", "opensearchserverless delete-collection", ""),
    ("airflow", "mw1.large", "etl", "mwaa delete-environment", ""),
    ("transfer", "transfer_server", "s-61ada58e71d74f8da", "transfer delete-server", ""),
    ("lambda", "x", "resize:prod", "lambda delete-provisioned-concurrency-config", "lambda put-function-concurrency"),
]


@pytest.fixture(scope="module")
def aws() -> Session:
    """AWS's own description of its services, as the SDK carries it."""
    return Session()


def _dashed(name: str) -> str:
    """A parameter as the command line writes it: ``DBInstanceIdentifier`` is ``--db-instance-identifier``."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", name))
    return f"--{words.lower()}"


def _positive(option: str, known: Container[str]) -> str:
    """A flag is switched off by ``--no-`` before its name."""
    return option if option in known else option.replace("--no-", "--", 1)


def _operation(aws: Session, service: str, command: str) -> OperationModel:
    model = aws.get_service_model(service)
    names = {_dashed(name).removeprefix("--"): name for name in model.operation_names}
    return model.operation_model(names[command])


@pytest.mark.parametrize("command", _COMMANDS)
def test_aws_has_the_operation_and_all_it_needs_is_named(aws: Session, command: str) -> None:
    service, name, *words = command.split()
    name, renamed = _CUSTOM.get((service, name), (name, {}))
    shape = _operation(aws, service, name).input_shape
    assert shape is not None
    known = {_dashed(member): member for member in shape.members}
    used = {_positive(renamed.get(word, word), known) for word in words if word.startswith("--")} - _OWN_OPTIONS
    assert used <= set(known)
    assert {_dashed(member) for member in shape.required_members} <= used


@pytest.mark.parametrize("command", _COMMANDS)
def test_a_bare_option_is_one_without_a_value(aws: Session, command: str) -> None:
    service, name, *words = command.split()
    name, renamed = _CUSTOM.get((service, name), (name, {}))
    shape = _operation(aws, service, name).input_shape
    assert shape is not None
    known = {_dashed(member): shape.members[member] for member in shape.members}
    for word, following in zip(words, [*words[1:], "--"], strict=True):
        if word.startswith("--") and word not in _OWN_OPTIONS:
            is_flag = following.startswith("--")
            assert (known[_positive(renamed.get(word, word), known)].type_name == "boolean") == is_flag, word


@pytest.mark.parametrize(("service", "resource_type", "resource_id", "stop", "harder"), EXAMPLES)
def test_the_ids_we_keep_find_their_command(
    service: str, resource_type: str, resource_id: str, stop: str, harder: str
) -> None:
    commands = commands_for("111122223333", [ResourceRef("us-east-1", service, resource_type, resource_id)])
    assert [line.split(" --")[0] for line in commands.stop] == [f"aws {stop}"]
    assert [line.split(" --")[0] for line in commands.harder] == ([f"aws {harder}"] if harder else [])
    name = re.split(r"[/:=]", resource_id)[-1]
    assert all(name in line or name == "prod" for line in commands.stop)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.stop)
def test_every_way_is_for_a_service_whose_calls_are_understood(way: Way) -> None:
    assert f"{way.service}.amazonaws.com" in {source for source, _ in REGISTRY}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.stop)
@pytest.mark.parametrize(
    "evil", ["x; reboot", "$(x)", "--all", "a b", "x\n", "", "`x`", "-x", "job/a b/jr_1", "endpoint/-x"]
)
def test_no_pattern_lets_a_second_word_or_an_option_in(way: Way, evil: str) -> None:
    assert way.pattern.fullmatch(evil) is None


def test_every_family_that_costs_and_can_be_ended_has_a_way() -> None:
    """A group costs nothing by itself, and what was committed to cannot be given back."""
    families = {source.removesuffix(".amazonaws.com") for source, _ in REGISTRY}
    assert families - {way.service for way in WAYS} == {"autoscaling", "savingsplans"}

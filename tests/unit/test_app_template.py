"""infra/app.yaml gives its tasks what the processes ask for, and nothing that they do not know."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file  # type: ignore[import-untyped] # it ships no types

from bot.settings import CoreSettings, load_settings, load_worker_settings
from tests.unit.test_infra import INFRA, parsed

RESOURCES = parsed("app.yaml")["Resources"]
HUB_OUTPUTS = parsed("hub.yaml")["Outputs"]
KEY = "v1:" + base64.b64encode(bytes(32)).decode()
LOOKS_LIKE = {
    "MONGODB_URI": "mongodb://db.example/",
    "DD0C_URL": "https://costs.example.com",
    "DD0C_WORK_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dd0c-work.fifo",
    "DD0C_EVENT_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dd0c-events",
    "DD0C_TEMPLATE_URL": "",
    "DD0C_ARCHIVE_URL": "s3://bucket/raw",
    "DD0C_WORKERS_IN_PROCESS": "0",
    "DD0C_EMF": "1",
    "DD0C_AWS_PRINCIPAL_ARN": "arn:aws:iam::123456789012:root",
    "DD0C_OIDC_ISSUER": "",
    "DD0C_STRIPE_PRICE": "",
    "AWS_REGION": "us-east-1",
    "DD0C_TRUSTED_PROXIES": parsed("app.yaml")["Parameters"]["BalancerNetworks"]["Default"],
}
# What two parameters of the template add, which are empty unless given.
ADDED = {
    "DD0C_OIDC_ISSUER": "https://issuer.example",
    "DD0C_STRIPE_PRICE": "price_made-up",
    "STRIPE_API_KEY": "sk_test_made-up",
    "STRIPE_WEBHOOK_SECRET": "whsec_made-up",
}


def container(task: str) -> dict[str, Any]:
    (only,) = RESOURCES[task]["Properties"]["ContainerDefinitions"]
    return dict(only)


def known(settings: type[CoreSettings]) -> set[str]:
    aliases = (field.validation_alias for field in settings.model_fields.values())
    return {str(choice) for alias in aliases for choice in alias.choices}  # type: ignore[union-attr] # all have aliases


def told(task: str, part: str, *, optional: bool = True) -> list[dict[str, str]]:
    """What a task is told in one part; of a condition, what stands there if it holds."""
    return [one[1] if isinstance(one, list) else one for one in container(task)[part] if optional or "Name" in one]


def environment(task: str, *, optional: bool) -> dict[str, str]:
    names = [one["Name"] for part in ("Environment", "Secrets") for one in told(task, part, optional=optional)]
    assert len(names) == len(set(names))
    values = LOOKS_LIKE | ADDED if optional else LOOKS_LIKE
    return {name: values.get(name, KEY if name.endswith("_KEYS") else "made-up") for name in names}


@pytest.mark.parametrize("template", ["hub.yaml", "app.yaml"])
def test_cfn_lint_finds_nothing(template: str) -> None:
    assert lint_file(INFRA / template) == []


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize(("task", "load"), [("WebTask", load_settings), ("WorkerTask", load_worker_settings)])
def test_a_task_is_told_all_that_its_process_needs(
    task: str, load: Callable[[], CoreSettings], optional: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = environment(task, optional=optional)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    read = load()
    assert set(given) <= known(type(read))
    assert (read.emf, read.work_queue_url) == (True, LOOKS_LIKE["DD0C_WORK_QUEUE_URL"])


def test_secrets_come_from_the_secret_alone() -> None:
    for task in ("WebTask", "WorkerTask"):
        plain = {one["Name"] for one in told(task, "Environment")}
        assert not [name for name in plain if name.endswith(("_KEYS", "_SECRET", "_TOKEN", "_URI"))]
        for one in told(task, "Secrets"):
            assert one["ValueFrom"] == "${SecretArn}:%s::" % one["Name"]  # noqa: UP031 - braces mean something here


@pytest.mark.parametrize("task", ["WebTask", "WorkerTask"])
def test_containers_are_as_the_image_allows(task: str) -> None:
    only = container(task)
    dockerfile = (INFRA.parent / "Dockerfile").read_text()
    assert only["ReadonlyRootFilesystem"] is True
    assert f"USER {only['User']}" in dockerfile
    for mount in only["MountPoints"]:
        assert f'"{mount["ContainerPath"]}"' in dockerfile.partition("VOLUME")[2].partition("\n")[0]
    assert only["StopTimeout"] > 30


def test_there_are_two_web_tasks_and_as_many_workers_as_wait_for() -> None:
    assert RESOURCES["Web"]["Properties"]["DesiredCount"] == 2
    assert "DesiredCount" not in RESOURCES["Workers"]["Properties"]  # A deployment would take away what was added.
    policy = RESOURCES["WorkersByDepth"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    waiting = policy["CustomizedMetricSpecification"]["Metrics"][0]["MetricStat"]["Metric"]
    assert (waiting["Namespace"], waiting["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")


def test_an_outage_of_the_database_kills_no_task() -> None:
    """ECS replaces what the load balancer calls unhealthy; decisions/0057."""
    assert RESOURCES["WebTargets"]["Properties"]["HealthCheckPath"] == "/healthz"
    assert container("WorkerTask")["HealthCheck"]["Command"][-1].endswith("healthcheck.py")
    assert "/healthz" in (INFRA / "healthcheck.py").read_text()


def test_what_is_imported_is_exported_by_the_hub() -> None:
    text = (INFRA / "app.yaml").read_text()
    imported = {line.split("${HubStack}-")[1].strip() for line in text.splitlines() if "${HubStack}-" in line}
    assert imported <= {name for name, one in HUB_OUTPUTS.items() if "Export" in one}

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
    "AWS_REGION": "us-east-1",
    "DD0C_TRUSTED_PROXIES": parsed("app.yaml")["Parameters"]["BalancerNetworks"]["Default"],
}


def container(task: str) -> dict[str, Any]:
    (only,) = RESOURCES[task]["Properties"]["ContainerDefinitions"]
    return dict(only)


def known(settings: type[CoreSettings]) -> set[str]:
    aliases = (field.validation_alias for field in settings.model_fields.values())
    return {str(choice) for alias in aliases for choice in alias.choices}  # type: ignore[union-attr] # all have aliases


def environment(task: str) -> dict[str, str]:
    names = [one["Name"] for part in ("Environment", "Secrets") for one in container(task)[part]]
    assert len(names) == len(set(names))
    return {name: LOOKS_LIKE.get(name, KEY if name.endswith("_KEYS") else "made-up") for name in names}


@pytest.mark.parametrize("template", ["hub.yaml", "app.yaml"])
def test_cfn_lint_finds_nothing(template: str) -> None:
    assert lint_file(INFRA / template) == []


@pytest.mark.parametrize(("task", "load"), [("WebTask", load_settings), ("WorkerTask", load_worker_settings)])
def test_a_task_is_told_all_that_its_process_needs(
    task: str, load: Callable[[], CoreSettings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = environment(task)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    read = load()
    assert set(given) <= known(type(read))
    assert (read.emf, read.work_queue_url) == (True, LOOKS_LIKE["DD0C_WORK_QUEUE_URL"])


def test_secrets_come_from_the_secret_alone() -> None:
    for task in ("WebTask", "WorkerTask"):
        plain = {one["Name"] for one in container(task)["Environment"]}
        assert not [name for name in plain if name.endswith(("_KEYS", "_SECRET", "_TOKEN", "_URI"))]
        for one in container(task)["Secrets"]:
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
    policy = RESOURCES["WorkersByDepth"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    waiting = policy["CustomizedMetricSpecification"]["Metrics"][0]["MetricStat"]["Metric"]
    assert (waiting["Namespace"], waiting["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")


def test_what_is_imported_is_exported_by_the_hub() -> None:
    text = (INFRA / "app.yaml").read_text()
    imported = {line.split("${HubStack}-")[1].strip() for line in text.splitlines() if "${HubStack}-" in line}
    assert imported <= {name for name, one in HUB_OUTPUTS.items() if "Export" in one}

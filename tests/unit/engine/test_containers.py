"""EKS control planes, and ECS on Fargate with its task definitions."""

from typing import Any

import pytest
from hypothesis import given

from engine.cloudtrail.fargate import size
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, STOP, Trail, said

ECS = "arn:aws:ecs:eu-west-1:111122223333"
TASK_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1aa"
WEB = {
    "taskDefinition": {
        "taskDefinitionArn": f"{ECS}:task-definition/web:3",
        "family": "web",
        "revision": 3,
        "cpu": "512",
        "memory": "1024",
        "requiresCompatibilities": ["FARGATE"],
    }
}
SERVICE = {
    "serviceName": "web",
    "serviceArn": f"{ECS}:service/shop/web",
    "clusterArn": f"{ECS}:cluster/shop",
    "desiredCount": 4,
    "launchType": "FARGATE",
    "taskDefinition": f"{ECS}:task-definition/web:3",
}
TASK = {
    "taskArn": f"{ECS}:task/shop/{TASK_ID}",
    "clusterArn": f"{ECS}:cluster/shop",
    "taskDefinitionArn": f"{ECS}:task-definition/web:3",
    "launchType": "FARGATE",
    "cpu": "1024",
    "memory": "4096",
}
CREATE = {
    "cluster": "shop",
    "serviceName": "web",
    "taskDefinition": "web:3",
    "desiredCount": 4,
    "launchType": "FARGATE",
}
RECORDS = [
    record("ecs", "RegisterTaskDefinition", {"family": "web", "cpu": "512", "memory": "1024"}, WEB),
    record("ecs", "CreateService", CREATE, {"service": SERVICE}),
    record("ecs", "UpdateService", {"cluster": "shop", "service": "web", "desiredCount": 9}, {"service": SERVICE}),
    record("ecs", "RunTask", {"taskDefinition": "web"}, {"tasks": [TASK, TASK], "failures": []}),
    record("ecs", "RunTask", {"taskDefinition": "web", "launchType": "FARGATE", "count": 3}, None),
    record("ecs", "StopTask", {"cluster": "shop", "task": TASK_ID}, {"task": TASK}),
    record("eks", "CreateCluster", {"name": "prod"}, {"cluster": {"name": "prod", "status": "CREATING"}}),
]


def test_a_control_plane_costs_by_the_hour() -> None:
    raw = record("eks", "CreateCluster", {"name": "prod"}, {"cluster": {"name": "prod", "status": "CREATING"}})
    assert said(raw) == (START, "eks_cluster", ("prod",), {"eks/cluster": 1})
    assert said(record("eks", "DeleteCluster", {"name": "prod"})) == (STOP, "eks_cluster", ("prod",), {})


@pytest.mark.parametrize("name", ["CreateNodegroup", "CreateFargateProfile", "DeleteNodegroup"])
def test_nodes_are_counted_where_they_are_launched(name: str) -> None:
    assert parse_record(record("eks", name, {"name": "prod", "nodegroupName": "workers"})) == ()


@pytest.mark.parametrize(
    ("fields", "vcpus", "gigabytes"),
    [
        ({"cpu": "256", "memory": "512"}, 0.25, 0.5),
        ({"cpu": 1024, "memory": 2048}, 1, 2),
        ({"cpu": ".5 vCPU", "memory": "1 GB"}, 0.5, 1),
        ({"cpu": "4vcpu", "memory": "30gb"}, 4, 30),
    ],
)
def test_sizes_are_written_in_two_ways(fields: Record, vcpus: float, gigabytes: float) -> None:
    assert {item.sku: item.amount for item in size(fields)} == {"fargate/vcpu": vcpus, "fargate/gb": gigabytes}


@pytest.mark.parametrize(
    "fields", [{}, {"cpu": "256"}, {"cpu": "lots", "memory": "512"}, {"cpu": "1.2.3 vCPU", "memory": 1}]
)
def test_half_a_size_is_none(fields: Record) -> None:
    assert size(fields) == ()


def test_a_service_costs_by_its_definition_and_number() -> None:
    trail = Trail("ecs")
    assert trail.call("RegisterTaskDefinition", {"family": "web"}, WEB).hourly_cost == 0.0
    created = trail.call("CreateService", CREATE, {"service": SERVICE})
    assert (created.resource_type, created.resource_ids) == ("fargate_service", ("service/shop/web",))
    assert created.hourly_cost == 4 * (0.5 + 1)
    trail.call("UpdateService", {"cluster": "shop", "service": "web", "desiredCount": 10}, {"service": SERVICE})
    assert trail.running == {"service/shop/web": 15.0}
    trail.call("UpdateService", {"cluster": "shop", "service": "web", "desiredCount": 0}, {"service": SERVICE})
    assert trail.running == {}
    trail.call("UpdateService", {"cluster": "shop", "service": "web", "desiredCount": 1}, {"service": SERVICE})
    trail.call("DeleteService", {"cluster": "shop", "service": f"{ECS}:service/shop/web"})
    assert trail.running == {}


def test_a_service_whose_definition_was_never_seen_is_of_unknown_price() -> None:
    assert Trail("ecs").call("CreateService", CREATE, {"service": SERVICE}).hourly_cost is None


def test_a_deployment_of_the_same_size_changes_nothing() -> None:
    asked = {"cluster": "shop", "service": "web", "forceNewDeployment": True}
    assert parse_record(record("ecs", "UpdateService", asked, {"service": SERVICE})) == ()


@pytest.mark.parametrize("fields", [{"launchType": "EC2"}, {"launchType": "EXTERNAL"}, {}])
def test_what_runs_on_instances_is_paid_for_with_them(fields: Record) -> None:
    told = {key: value for key, value in SERVICE.items() if key != "launchType"} | fields
    assert parse_record(record("ecs", "CreateService", {**CREATE, **fields}, {"service": told})) == ()
    assert parse_record(record("ecs", "RunTask", {}, {"tasks": [{**TASK, "launchType": "EC2"}]})) == ()
    for_ec2 = {"taskDefinition": {"taskDefinitionArn": f"{ECS}:task-definition/web:3"}}
    assert parse_record(record("ecs", "RegisterTaskDefinition", {"family": "web"}, for_ec2)) == ()


def test_capacity_providers_tell_fargate_and_spot() -> None:
    told = {**SERVICE, "launchType": None, "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]}
    (event,) = parse_record(record("ecs", "CreateService", {"serviceName": "web"}, {"service": told}))
    assert event.labels == ("spot",)


def test_tasks_tell_their_own_size() -> None:
    second = {**TASK, "taskArn": f"{ECS}:task/shop/{TASK_ID[::-1]}"}
    raw = record("ecs", "RunTask", {"taskDefinition": "web", "count": 2}, {"tasks": [TASK, second], "failures": []})
    ids = (f"task/shop/{TASK_ID}", f"task/shop/{TASK_ID[::-1]}")
    assert said(raw) == (START, "fargate_task", ids, {"fargate/vcpu": 2, "fargate/gb": 8})


def test_tasks_without_an_answer_are_counted_from_the_request() -> None:
    asked = {"taskDefinition": "web:3", "launchType": "FARGATE", "count": 3}
    (event,) = parse_record(record("ecs", "RunTask", {**asked, "overrides": {"cpu": "256", "memory": "512"}}))
    assert (event.resource_ids, event.quantity) == ((), 3)
    assert {one.sku: one.amount for one in event.usage} == {"fargate/vcpu": 0.75, "fargate/gb": 1.5}
    trail = Trail("ecs")
    trail.call("RegisterTaskDefinition", {"family": "web"}, WEB)
    assert trail.call("RunTask", asked).hourly_cost == 3 * (0.5 + 1)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"cluster": "shop", "task": TASK_ID}, None),
        ({"task": f"{ECS}:task/shop/{TASK_ID}"}, {"task": TASK}),
        ({"cluster": f"{ECS}:cluster/shop", "task": TASK_ID}, {"task": TASK}),
    ],
)
def test_a_task_is_stopped_whatever_it_is_called_by(asked: Record, answer: Any) -> None:
    trail = Trail("ecs")
    trail.call("RunTask", {}, {"tasks": [TASK]})
    assert trail.running == {f"task/shop/{TASK_ID}": 5.0}
    trail.call("StopTask", asked, answer)
    assert trail.running == {}


def test_a_definition_that_changes_makes_the_service_dearer() -> None:
    trail = Trail("ecs")
    trail.call("RegisterTaskDefinition", {}, WEB)
    trail.call("CreateService", CREATE, {"service": SERVICE})
    larger = {"taskDefinitionArn": f"{ECS}:task-definition/web:4", "cpu": "4096", "memory": "8192"}
    trail.call("RegisterTaskDefinition", {}, {"taskDefinition": larger})
    told = {**SERVICE, "taskDefinition": f"{ECS}:task-definition/web:4"}
    change = trail.call("UpdateService", {"service": "web", "taskDefinition": "web:4"}, {"service": told})
    assert (change.change.value, change.hourly_cost) == (MODIFY, 4 * 12.0)


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)

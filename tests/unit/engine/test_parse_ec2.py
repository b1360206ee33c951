"""EC2 records to cost events."""

from typing import Any

import pytest

from engine.errors import MalformedRecord
from engine.models.cost_event import Change, UsageItem
from tests.unit.engine.factories import (
    Record,
    change_state,
    instance,
    parse_record,
    record,
    resize,
    run_instances,
    start,
    stop,
    terminate,
)


def run(*launched: Record, request: Any = None) -> Record:
    return record("ec2", "RunInstances", request or {}, {"instancesSet": {"items": list(launched)}})


def test_a_launch_counts_what_started_and_not_what_was_asked() -> None:
    asked = {"instancesSet": {"items": [{"minCount": "1", "maxCount": "50"}]}, "instanceType": "m5.large"}
    (event,) = parse_record(run(instance("i-1"), instance("i-2"), request=asked))
    assert (event.change, event.resource_type, event.resource_ids) == (Change.START, "m5.large", ("i-1", "i-2"))
    assert (event.quantity, event.usage) == (2, (UsageItem("ec2/m5.large", 2),))
    assert (event.service, event.region, event.event_name) == ("ec2", "eu-west-1", "RunInstances")
    assert event.hourly_cost is None


@pytest.mark.parametrize(
    ("launched", "labels"),
    [
        (instance("i-1"), ()),
        (instance("i-1", instanceLifecycle="spot"), ("spot",)),
        (instance("i-1", platform="windows"), ("windows",)),
        (instance("i-1", placement={"tenancy": "dedicated"}), ("dedicated",)),
        (instance("i-1", placement={"tenancy": "host"}), ("host",)),
        (instance("i-1", placement=""), ()),
        (instance("i-1", platform="windows", instanceLifecycle="spot"), ("spot", "windows")),
    ],
)
def test_labels_name_what_the_list_price_does_not_reflect(launched: Record, labels: tuple[str, ...]) -> None:
    (event,) = parse_record(run(launched))
    assert event.labels == labels


def test_instances_of_different_price_are_parts_of_one_record() -> None:
    events = parse_record(run(instance("i-1"), instance("i-2", platform="windows"), instance("i-3")))
    assert [(e.part, e.resource_ids, e.labels) for e in events] == [
        (0, ("i-1", "i-3"), ()),
        (1, ("i-2",), ("windows",)),
    ]
    assert len({e.event_id for e in events}) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"instancesSet": {"items": instance("i-1")}},
        {"instancesSet": {"item": [instance("i-1")]}},
        {"instancesSet": [instance("i-1")]},
        {"instancesSet": {"items": [instance("i-1"), "junk", None]}},
        {"instancesSet": {"items": [instance("i-1"), instance("i-1")]}},
    ],
)
def test_an_instance_is_found_in_every_shape_of_list_and_counted_once(answer: Any) -> None:
    (event,) = parse_record(record("ec2", "RunInstances", {}, answer))
    assert (event.resource_ids, event.quantity, event.usage[0].amount) == (("i-1",), 1, 1)


def test_the_type_may_stand_in_the_request_only_and_wrapped() -> None:
    bare = {"instanceId": "i-1"}
    (event,) = parse_record(run(bare, request={"instanceType": {"value": "m5.large"}}))
    assert event.resource_type == "m5.large"


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"instancesSet": {"items": []}}, {"instancesSet": {"items": [{"instanceId": 7}]}}, "text", [1]],
)
def test_a_launch_that_names_no_instance_is_malformed(answer: Any) -> None:
    with pytest.raises(MalformedRecord, match="RunInstances"):
        parse_record(record("ec2", "RunInstances", {}, answer))


def test_an_answer_left_out_for_its_size_is_read_from_the_request() -> None:
    asked = {"instancesSet": {"items": [{"minCount": "100", "maxCount": "100"}]}, "instanceType": "c5.large"}
    (event,) = parse_record(record("ec2", "RunInstances", asked, {"omitted": True, "originalSize": 150000}))
    assert (event.quantity, event.resource_ids, event.labels) == (100, (), ("count-from-request",))
    assert event.usage == (UsageItem("ec2/c5.large", 100),)


def test_an_omitted_answer_without_a_count_is_malformed() -> None:
    with pytest.raises(MalformedRecord, match="omitted"):
        parse_record(record("ec2", "RunInstances", {"instanceType": "m5.large"}, {"omitted": True}))


def test_more_instances_than_one_call_can_start_are_malformed() -> None:
    asked = {"instancesSet": {"items": [{"maxCount": 10**6}]}, "instanceType": "m5.large"}
    with pytest.raises(MalformedRecord, match="1000000 instances"):
        parse_record(record("ec2", "RunInstances", asked, {"omitted": True}))
    with pytest.raises(MalformedRecord, match="10001 instances"):
        parse_record(run(*[{"instanceId": f"i-{n}", "instanceType": "m5.large"} for n in range(10_001)]))


@pytest.mark.parametrize(
    ("raw", "change"), [(start(["i-1", "i-2"]), Change.START), (stop(["i-1", "i-2"]), Change.STOP)]
)
def test_starts_and_stops_tell_ids_and_nothing_else(raw: Record, change: Change) -> None:
    (event,) = parse_record(raw)
    assert (event.change, event.resource_type) == (change, "ec2_instance")
    assert (event.resource_ids, event.quantity, event.usage) == (("i-1", "i-2"), 2, ())


@pytest.mark.parametrize(
    ("name", "before", "counts"),
    [
        ("StartInstances", "stopped", True),
        ("StartInstances", "stopping", True),
        ("StartInstances", "running", False),
        ("StartInstances", "pending", False),
        ("StopInstances", "running", True),
        ("StopInstances", "stopped", False),
        ("StopInstances", "stopping", False),
        ("TerminateInstances", "running", True),
        ("TerminateInstances", "pending", True),
        ("TerminateInstances", "stopped", False),
        ("TerminateInstances", "shutting-down", False),
        ("TerminateInstances", "terminated", False),
    ],
)
def test_only_a_change_of_state_counts(name: str, before: str, counts: bool) -> None:
    assert bool(parse_record(change_state(name, ["i-1"], before, "whatever"))) is counts


def test_of_a_list_only_the_instances_that_changed_count() -> None:
    raw = terminate(["i-1", "i-2", "i-3"])
    raw["responseElements"]["instancesSet"]["items"][1]["previousState"]["name"] = "stopped"
    (event,) = parse_record(raw)
    assert event.resource_ids == ("i-1", "i-3")


def test_without_an_answer_the_request_names_the_instances() -> None:
    raw = stop(["i-1", "i-2"])
    raw["responseElements"] = None
    (event,) = parse_record(raw)
    assert event.resource_ids == ("i-1", "i-2")


@pytest.mark.parametrize("state", [[], {}, 7, None, {"name": []}, {"name": {"value": {}}}])
def test_a_state_of_any_shape_is_no_error(state: Any) -> None:
    raw = stop(["i-1"])
    raw["responseElements"]["instancesSet"]["items"][0]["previousState"] = state
    assert len(parse_record(raw)) == 1


@pytest.mark.parametrize(
    "request_parameters",
    [
        {"instanceId": "i-1", "instanceType": {"value": "m5.24xlarge"}},
        {"instanceId": "i-1", "instanceType": "m5.24xlarge"},
        {"instanceId": "i-1", "attribute": "instanceType", "value": "m5.24xlarge"},
    ],
)
def test_a_change_of_type_is_read_in_each_of_its_forms(request_parameters: Record) -> None:
    (event,) = parse_record(record("ec2", "ModifyInstanceAttribute", request_parameters))
    assert (event.change, event.resource_type, event.resource_ids) == (Change.MODIFY, "m5.24xlarge", ("i-1",))
    assert event.usage == (UsageItem("ec2/m5.24xlarge", 1),)


@pytest.mark.parametrize(
    "request_parameters",
    [
        {"instanceId": "i-1", "disableApiTermination": {"value": True}},
        {"instanceId": "i-1", "attribute": "userData", "value": "m5.large"},
        {"instanceType": {"value": "m5.large"}},
        None,
    ],
)
def test_other_changes_of_an_instance_cost_nothing(request_parameters: Any) -> None:
    assert parse_record(record("ec2", "ModifyInstanceAttribute", request_parameters)) == ()


def test_the_builders_agree_with_the_parser() -> None:
    assert parse_record(run_instances(["i-1"], "c5.large"))[0].resource_type == "c5.large"
    assert parse_record(resize("i-1", "c5.large"))[0].change is Change.MODIFY

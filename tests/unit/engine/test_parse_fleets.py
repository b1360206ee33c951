"""Fleets and spot instances to cost events, and each instance counted once."""

from typing import Any

import pytest

from engine.errors import MalformedRecord
from engine.models.cost_event import Change, UsageItem
from tests.unit.engine.factories import Account, Record, parse_record, record, run_instances

FLEET_ROLE = {"type": "AWSService", "invokedBy": "ec2fleet.amazonaws.com"}


def fleet(*groups: Record, **where: Any) -> Record:
    asked = {"CreateFleetRequest": {"Type": "instant", "TargetCapacitySpecification": {"TotalTargetCapacity": 2}}}
    inner: Any = groups[0] if len(groups) == 1 else list(groups)
    made = {"fleetId": "fleet-1", "fleetInstanceSet": {"item": inner} if groups else ""}
    return record("ec2", "CreateFleet", asked, {"CreateFleetResponse": {"xmlns": "x", **made}}, **where)


def group(instance_type: str, ids: Any, **more: Any) -> Record:
    return {"instanceType": instance_type, "lifecycle": "on-demand", "instanceIds": {"item": ids}, **more}


def test_an_instant_fleet_names_its_instances() -> None:
    events = parse_record(
        fleet(group("m5.large", ["i-1", "i-2"]), group("c5.large", "i-3", lifecycle="spot", platform="Windows"))
    )
    assert [(event.resource_type, event.resource_ids, event.labels) for event in events] == [
        ("m5.large", ("i-1", "i-2"), ()),
        ("c5.large", ("i-3",), ("spot", "windows")),
    ]
    assert events[0].usage == (UsageItem("ec2/m5.large", 2),)


def test_a_fleet_that_launches_later_starts_nothing_yet() -> None:
    assert parse_record(fleet()) == ()


def test_more_instances_than_one_call_can_start_are_malformed() -> None:
    with pytest.raises(MalformedRecord, match="instances"):
        parse_record(fleet(group("m5.large", [f"i-{n}" for n in range(10_001)])))


@pytest.mark.parametrize("fleet_first", [True, False])
def test_an_instance_announced_twice_is_counted_once(*, fleet_first: bool) -> None:
    told = [fleet(group("p4d.24xlarge", ["i-1"])), run_instances(["i-1"], "p4d.24xlarge", by=FLEET_ROLE)]
    known = Account()
    known.play(*(told if fleet_first else reversed(told)))
    assert [event.quantity for event in known.cost_events] == [1, 0]
    assert sum(anomaly.hourly_cost for anomaly in known.anomalies) == 32.0


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"FleetId": {"tag": 1, "content": "fleet-1"}, "TerminateInstances": True}, ("fleet-1",)),
        ({"FleetId": {"tag": 1, "content": "fleet-1"}, "TerminateInstances": False}, None),
    ],
)
def test_a_deleted_fleet_ends_if_its_instances_do(asked: Record, ids: tuple[str, ...] | None) -> None:
    done = {"item": {"fleetId": "fleet-1", "currentFleetState": "deleted_terminating"}}
    answer = {"DeleteFleetsResponse": {"successfulFleetDeletionSet": done, "unsuccessfulFleetDeletionSet": ""}}
    events = parse_record(record("ec2", "DeleteFleets", {"DeleteFleetsRequest": asked}, answer))
    assert [(event.change, event.resource_ids) for event in events] == ([(Change.STOP, ids)] if ids else [])


def test_a_spot_instance_that_is_taken_back_stops() -> None:
    """AWS tells that in the details of a service event, without parameters, answer or a caller."""
    who = {"accountId": "111122223333", "invokedBy": "ec2.amazonaws.com"}
    details = {"instanceIdSet": ["i-1", "i-2"]}
    raw = record("ec2", "BidEvictedEvent", None, None, by=who, eventType="AwsServiceEvent", serviceEventDetails=details)
    (event,) = parse_record(raw)
    assert (event.change, event.resource_type, event.resource_ids) == (Change.STOP, "ec2_instance", ("i-1", "i-2"))


@pytest.mark.parametrize("name", ["RequestSpotInstances", "BidFulfilledEvent"])
def test_a_request_for_spot_instances_costs_nothing_by_itself(name: str) -> None:
    assert parse_record(record("ec2", name, {"instanceCount": 5}, {"spotInstanceRequestSet": {}})) == ()

"""Launches by Auto Scaling groups: attributed to the service, with a word on who changed the group."""

from typing import Any

import pytest

from engine.models.cost_event import ActorKind
from engine.resolution import resource_keys
from tests.unit.engine.factories import ALICE, DEPLOY, Account, Record, instance, parse_record, record

AUTOSCALING = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}


def change(name: str, group: str = "web", **where: Any) -> Record:
    return record("autoscaling", name, {"autoScalingGroupName": group, "desiredCapacity": 8}, None, **where)


def launch(ids: list[str], group: str | None = "web", **where: Any) -> Record:
    tags = {"items": [{"key": "Name", "value": "web"}, {"key": "aws:autoscaling:groupName", "value": group}]}
    started = [instance(one, tagSet=tags if group else {}) for one in ids]
    asked = {"instancesSet": {"items": [{"minCount": 1, "maxCount": len(ids)}]}, "instanceType": "m5.large"}
    return record("ec2", "RunInstances", asked, {"instancesSet": {"items": started}}, by=AUTOSCALING, **where)


@pytest.mark.parametrize("name", ["CreateAutoScalingGroup", "UpdateAutoScalingGroup", "SetDesiredCapacity"])
def test_a_launch_names_who_changed_its_group_last(name: str) -> None:
    known = Account()
    known.play(change("CreateAutoScalingGroup", by=DEPLOY), change(name, by=ALICE, at=0.1))
    known.play(launch(["i-1"], at=0.2))
    event = known.cost_events[-1]
    assert event.actor.name == "autoscaling (group web, last changed by alice)"
    assert (event.actor.key, event.actor.kind) == ("service:autoscaling.amazonaws.com", ActorKind.AWS_SERVICE)


@pytest.mark.parametrize(("group", "name"), [("web", "autoscaling (group web)"), (None, "autoscaling")])
def test_a_group_nobody_was_seen_to_change_is_named_alone(group: str | None, name: str) -> None:
    known = Account()
    known.play(change("UpdateAutoScalingGroup", group="other", by=ALICE), launch(["i-1"], group, at=0.1))
    assert known.cost_events[-1].actor.name == name


def test_the_group_is_among_what_must_be_loaded() -> None:
    (event,) = parse_record(launch(["i-1"]))
    assert resource_keys(event) == ("eu-west-1/ec2/i-1", "eu-west-1/autoscaling/web")


def test_changing_a_group_costs_nothing_and_is_never_unusual() -> None:
    known = Account()
    known.play(change("CreateAutoScalingGroup", by=ALICE), change("DeleteAutoScalingGroup", by=ALICE, at=1))
    assert known.anomalies == []
    assert (known.state.baseline.launches, known.cost_events[0].hourly_cost) == (0, 0.0)
    assert parse_record(record("autoscaling", "UpdateAutoScalingGroup", {}, None)) == ()

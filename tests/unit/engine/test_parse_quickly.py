"""What a quick look makes of a launch or an end is what the loose one makes of it, whatever the record says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cloudtrail import decode_record
from engine.cloudtrail.cautions import find_cautions
from engine.cloudtrail.ec2_quick import QUICK_PARSERS
from engine.cloudtrail.family import Call, Part
from engine.cloudtrail.record import decode_object
from engine.cloudtrail.registry import REGISTRY
from tests.unit.engine.factories import Record, instance, record, run_instances, terminate
from tests.unit.engine.hostile import NASTY

GROUP = {"key": "aws:autoscaling:groupName", "value": "web"}
STACK = {"key": "aws:cloudformation:stack-name", "value": "shop"}
ADDRESS = "198.51.100.7"
NAMES = [name for _, name in QUICK_PARSERS]
ODD = st.sampled_from(NASTY)
TAGS = st.lists(st.sampled_from([{"key": "team", "value": "a"}, GROUP, STACK, {"key": "aws:autoscaling:groupName"}, 7]))


def _mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(usual), st.just(usual), st.sampled_from(others), ODD) if others else st.just(usual) | ODD


ITEM = st.fixed_dictionaries(
    {"instanceId": _mostly("i-1", "i-2"), "instanceType": _mostly("m5.large", "c5.large", {"value": "m5.large"})},
    optional={
        "placement": _mostly({"tenancy": "default"}, {"tenancy": "dedicated"}, {"tenancy": None}, {}),
        "instanceLifecycle": _mostly("spot", "scheduled"),
        "platform": _mostly("windows", "other"),
        "tagSet": st.builds(lambda tags: {"items": tags}, TAGS) | st.builds(lambda tags: {"item": tags}, TAGS) | ODD,
        "previousState": _mostly({"name": "running"}, {"name": "stopped"}, {"name": None}),
    },
)
SET = st.lists(ITEM, max_size=3).map(lambda found: {"items": found}) | ITEM.map(lambda one: {"items": one}) | ODD
BESIDES = {
    "omitted": st.booleans(),
    "disableApiTermination": st.booleans(),
    "deletionProtection": st.just(True),
    "backupRetentionPeriod": st.just(7),
    "tags": TAGS,
    "tagList": TAGS,
    "tagSpecificationSet": st.builds(lambda tags: {"items": [{"tags": tags}]}, TAGS),
    "instanceType": st.just("m5.large"),
    "maxCount": st.just(2),
}
SIDE = st.fixed_dictionaries({"instancesSet": SET}, optional=BESIDES) | ODD


def _loosely(call: Call) -> tuple[Part, ...]:
    parser: Callable[[Call], Any] = REGISTRY["ec2.amazonaws.com", call.name]
    return tuple(parser(call))


def _check(raw: Record) -> tuple[Part, ...] | None:
    """Compare both looks at a record; give what the quick one made of it."""
    decoded = decode_record(json.dumps(raw).encode())
    quick = QUICK_PARSERS[decoded.event_source, decoded.event_name](decoded)
    if quick is not None:
        request, response = decode_object(decoded.request_parameters), decode_object(decoded.response_elements)
        call = Call(decoded.event_name, request, response)
        assert quick == _loosely(call)
        for part in quick if decoded.event_name == "RunInstances" else ():
            bare = Call(decoded.event_name, {}, {})
            assert find_cautions(call, ADDRESS, part.group) == find_cautions(bare, ADDRESS, part.group)
    return quick


@given(st.sampled_from(NAMES), SIDE, SIDE)
def test_both_looks_see_the_same(name: str, request: Any, response: Any) -> None:
    _check(record("ec2", name, request, response))


@given(st.sampled_from(NAMES), st.lists(ITEM, min_size=1, max_size=2))
def test_both_looks_see_the_same_of_what_is_nearly_right(name: str, found: list[Any]) -> None:
    _check(record("ec2", name, {}, {"instancesSet": {"items": found}}))


@pytest.mark.parametrize(
    "raw",
    [
        run_instances(["i-1"]),
        run_instances(["i-1", "i-2", "i-1"]),
        record("ec2", "RunInstances", {}, {"instancesSet": {"items": [instance("i-1", tagSet={"items": [GROUP]})]}}),
        record("ec2", "RunInstances", {}, {"instancesSet": {"items": [instance("i-1", platform="windows")]}}),
        terminate(["i-1"]),
    ],
)
def test_what_aws_usually_writes_is_read_quickly(raw: Record) -> None:
    assert _check(raw) is not None


@pytest.mark.parametrize(
    "raw",
    [
        run_instances([]),
        record("ec2", "RunInstances", {"disableApiTermination": True}, run_instances(["i-1"])["responseElements"]),
        record("ec2", "RunInstances", {}, {"instancesSet": {"items": [instance("i-1", tagSet={"items": [STACK]})]}}),
        record("ec2", "TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}}, None),
    ],
)
def test_what_says_more_or_less_is_left_to_the_loose_look(raw: Record) -> None:
    assert _check(raw) is None

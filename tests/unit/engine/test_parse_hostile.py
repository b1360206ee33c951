"""Whatever stands in a record: it is parsed, or refused as malformed, and nothing it says is beyond measure."""

import copy
import json
import math
import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.cloudtrail import decode_record, parse
from engine.errors import MalformedRecord
from engine.models.cost_event import CostEvent
from tests.unit.engine.factories import (
    JANITOR,
    Record,
    record,
    resize,
    run_instances,
    start,
    terminate,
)

MOST = 10_000
TRUE_RECORDS: list[Record] = [
    run_instances(["i-1", "i-2"]),
    start(["i-1"]),
    terminate(["i-1", "i-2"], by=JANITOR),
    resize("i-1", "m5.24xlarge"),
    record("ec2", "CreateNatGateway", {}, {"CreateNatGatewayResponse": {"natGateway": {"natGatewayId": "nat-1"}}}),
    record("rds", "CreateDBInstance", {}, {"dBInstanceIdentifier": "a", "dBInstanceClass": "db.r5.large"}),
    record("lambda", "CreateFunction20150331", {"functionName": "f", "memorySize": 128}),
    record(
        "lambda",
        "PutProvisionedConcurrencyConfig",
        {"functionName": "f", "qualifier": "1", "provisionedConcurrentExecutions": 5},
    ),
]
NASTY: list[Any] = [
    None,
    True,
    -1,
    0,
    10**12,
    10**30,
    1e300,
    0.1,
    "",
    "\x00",
    "\U0001d54f" * 2000,
    "nan",
    "-Infinity",
    "1e999",
    [],
    {},
    [[]],
    {"value": {"value": {}}},
    {"items": {"items": [None]}},
    ["x"] * 50,
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into nested lists and dicts."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, child in children for inner in places(child, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with something else at a path."""
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> Record:
    """A true record with up to four things replaced by something else."""
    changed: Any = draw(st.sampled_from(TRUE_RECORDS))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(changed)[1:]))
        changed = put(changed, path, draw(st.sampled_from(NASTY) | ANY_JSON))
    return dict(changed)


def parse_bytes(raw: bytes) -> tuple[CostEvent, ...] | None:
    """The cost events, or None for what is malformed; any other error is a failure."""
    try:
        return parse(decode_record(raw))
    except MalformedRecord:
        return None


def check_bounds(event: CostEvent) -> None:
    assert 0 <= event.quantity <= MOST
    assert len(event.resource_ids) <= MOST
    assert all(math.isfinite(item.amount) and 0 <= item.amount <= 2_000_000 for item in event.usage)
    assert max((len(one) for one in (event.event_id, event.region, event.source_ip)), default=0) <= 256
    assert max((len(one) for one in event.resource_ids), default=0) <= 3000
    assert len(event.actor.key) <= 3000


@given(mutated())
@settings(max_examples=400)
@example({**run_instances(["i-1"]), "userIdentity": {"type": {"value": "Root"}, "accountId": [1]}})
@example({**terminate(["i-1"]), "responseElements": {"instancesSet": {"items": [{"previousState": {"name": []}}]}}})
def test_a_mutated_record_is_parsed_or_malformed(raw: Record) -> None:
    for event in parse_bytes(json.dumps(raw).encode()) or ():
        check_bounds(event)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_record_are_malformed(raw: bytes) -> None:
    assert parse_bytes(raw) is None


@given(st.sampled_from(TRUE_RECORDS), st.integers(0, 10_000), st.integers(0, 255))
def test_a_broken_byte_breaks_one_record_only(raw: Record, position: int, byte: int) -> None:
    whole = bytearray(json.dumps(raw).encode())
    whole[position % len(whole)] = byte
    for event in parse_bytes(bytes(whole)) or ():
        check_bounds(event)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_malformed_and_does_not_overflow(opening: bytes) -> None:
    closing = {b"[": b"]", b'{"a":': b"}"}[opening]
    deep = opening * 100_000 + b"1" + closing * 100_000
    raw = (
        json.dumps(run_instances(["i-1"]))
        .encode()
        .replace(b'"requestParameters": {', b'"requestParameters": {"x": @, ')
    )
    assert parse_bytes(raw.replace(b"@", b"1")) is not None
    assert parse_bytes(raw.replace(b"@", deep)) is None


@pytest.mark.parametrize("text", [b'"\\ud800"', b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b'"\xff"'])
def test_what_json_does_not_allow_or_nobody_can_hold_never_escapes(text: bytes) -> None:
    raw = json.dumps(run_instances(["i-1"])).encode().replace(b'"m5.large"', text)
    assert parse_bytes(raw) is None


@pytest.mark.parametrize("seed", range(5))
def test_every_single_replacement_by_something_nasty_is_survived(seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311 - which replacement is tried is no secret
    for raw in TRUE_RECORDS:
        for path in places(raw)[1:]:
            parse_bytes(json.dumps(put(raw, path, choice.choice(NASTY))).encode())

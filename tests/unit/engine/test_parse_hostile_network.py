"""Whatever stands in a record of storage, networks, fleets or purchases: it is parsed, or refused as malformed."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.factories import Record, record
from tests.unit.engine.test_commitments import HOSTS, RESERVED_DB, capacity_block, savings_plan
from tests.unit.engine.test_parse_fleets import fleet, group
from tests.unit.engine.test_parse_hostile import ANY_JSON, NASTY, check_bounds, parse_bytes, places, put
from tests.unit.engine.test_parse_network import NETWORK_STARTS

_MODIFIED = {"volumeId": "vol-1", "targetSize": 500, "targetVolumeType": "io2", "targetIops": 64_000}
TRUE_RECORDS: list[Record] = [
    *(raw for raw, _ in NETWORK_STARTS),
    fleet(group("m5.large", ["i-1", "i-2"]), group("c5.large", "i-3", lifecycle="spot")),
    record("ec2", "CreateVolume", {}, {"volumeId": "vol-1", "size": "10", "volumeType": "gp3", "throughput": 250}),
    record("ec2", "ModifyVolume", {}, {"ModifyVolumeResponse": {"volumeModification": _MODIFIED}}),
    record("ec2", "CreateSnapshots", {}, {"snapshotSet": {"items": [{"snapshotId": "snap-1", "volumeSize": 8}]}}),
    record("ec2", "BidEvictedEvent", serviceEventDetails={"instanceIdSet": ["i-1"]}),
    record("autoscaling", "UpdateAutoScalingGroup", {"autoScalingGroupName": "web", "desiredCapacity": 4}),
    savings_plan(),
    capacity_block(),
    record("ec2", "PurchaseHostReservation", {}, HOSTS),
    record("rds", "PurchaseReservedDBInstancesOffering", {}, RESERVED_DB),
]


@st.composite
def mutated(draw: st.DrawFn) -> Record:
    """A true record with up to four things replaced by something else."""
    changed: Any = draw(st.sampled_from(TRUE_RECORDS))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(changed)[1:]))
        changed = put(changed, path, draw(st.sampled_from(NASTY) | ANY_JSON))
    return dict(changed)


@given(mutated())
@settings(max_examples=400)
def test_a_mutated_record_is_parsed_or_malformed(raw: Record) -> None:
    for event in parse_bytes(json.dumps(raw).encode()) or ():
        check_bounds(event)
        assert event.upfront_cost is None or 0 <= event.upfront_cost < float("inf")


def test_every_true_record_is_understood() -> None:
    assert all(parse_bytes(json.dumps(raw).encode()) for raw in TRUE_RECORDS)

"""Genuine records of storage, networks, fleets and purchases are understood, where DD0C_TEST_RECORDS names a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.prices.packaged import load_price_table
from clients.record_files import RecordFile
from clients.record_sources import LocalFile
from engine.cloudtrail import (
    CloudTrailRecord,
    autoscaling_groups,
    commitments,
    decode_record,
    ec2_addresses,
    ec2_fleets,
    ec2_snapshots,
    ec2_volumes,
    global_accelerators,
    load_balancers,
    network_firewalls,
    parse,
    resolver_endpoints,
    transit_gateways,
    vpc_endpoints,
    vpn,
)
from engine.cloudtrail.split import Malformed, split_records
from engine.models.cost_event import Change
from engine.pricing import estimate

_NAMED = os.environ.get("DD0C_TEST_RECORDS", "")
pytestmark = pytest.mark.skipif(not _NAMED, reason="DD0C_TEST_RECORDS names no file of genuine CloudTrail records")

_FAMILIES = (
    autoscaling_groups,
    commitments,
    ec2_addresses,
    ec2_fleets,
    ec2_snapshots,
    ec2_volumes,
    global_accelerators,
    load_balancers,
    network_firewalls,
    resolver_endpoints,
    transit_gateways,
    vpc_endpoints,
    vpn,
)
_CALLS = frozenset(call for family in _FAMILIES for call in family.PARSERS)


def _records() -> Iterator[CloudTrailRecord]:
    """Successful records of our calls, each copy by itself, since some reuse ids."""
    for one in split_records(RecordFile(LocalFile(Path(_NAMED)), lambda _: None).chunks()):
        if isinstance(one, Malformed):
            continue
        record = decode_record(one)
        if (record.event_source, record.event_name) in _CALLS and not record.error_code:
            yield record


def test_every_successful_record_is_a_cost_event_with_a_price() -> None:
    table = load_price_table()
    found = list(_records())
    assert found
    for record in found:
        events = parse(record)
        assert events, f"{record.event_name} {record.event_id} is not understood"
        for event in events:
            assert event.change is Change.STOP or event.resource_ids
            known = event.change is Change.STOP or estimate(event, table).hourly_cost is not None
            assert known, f"{record.event_name} {record.event_id} has no price: {event.usage}"

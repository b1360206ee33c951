"""Every genuine record of a managed service's cost-changing call is understood; DD0C_TEST_RECORDS names the file."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.record_files import RecordFile
from clients.record_sources import LocalFile
from engine.cloudtrail import CloudTrailRecord, decode_record, parse
from engine.cloudtrail.registry import find_parser
from engine.cloudtrail.split import Malformed, split_records
from engine.models.cost_event import Change, CostEvent

_NAMED = os.environ.get("DD0C_TEST_RECORDS", "")
pytestmark = pytest.mark.skipif(not _NAMED, reason="DD0C_TEST_RECORDS names no file of genuine CloudTrail records")

_SERVICES = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        *("airflow", "amazonmq", "apprunner", "appstream", "bedrock", "ds", "dynamodb", "ecs", "eks", "elasticache"),
        *("elasticfilesystem", "elasticmapreduce", "es", "fsx", "glue", "kafka", "kendra", "kinesis", "lightsail"),
        *("rds", "redshift", "redshift-serverless", "sagemaker", "transfer", "workspaces"),
    )
)
# Calls that are ours but change no cost in some of their forms.
_MAY_SAY_NOTHING = frozenset({"ModifyDBCluster", "ModifyDBInstance"})


def _successful() -> Iterator[CloudTrailRecord]:
    for one in split_records(RecordFile(LocalFile(Path(_NAMED)), lambda _: None).chunks()):
        if isinstance(one, Malformed):
            continue
        record = decode_record(one)
        if record.event_source in _SERVICES and not record.error_code:
            yield record


def _understood() -> Iterator[tuple[CloudTrailRecord, tuple[CostEvent, ...]]]:
    for record in _successful():
        if find_parser(record.event_source, record.event_name):
            yield record, parse(record)


def test_every_successful_call_says_what_it_changes() -> None:
    silent = [record.event_name for record, events in _understood() if not events]
    assert set(silent) <= _MAY_SAY_NOTHING
    assert sum(1 for _ in _understood()) > 40


def test_every_start_has_an_id_and_every_creation_of_a_sized_thing_a_usage() -> None:
    without = Counter[str]()
    for record, events in _understood():
        assert all(event.resource_ids for event in events), record.event_name
        if any(event.change is Change.START and not event.usage for event in events):
            without[record.event_name] += 1
    # A proxy, a replica, a restarted instance and a snapshot without an answer tell no size.
    assert set(without) <= {"CreateDBProxy", "CreateDBInstanceReadReplica", "StartDBInstance", "CreateDBSnapshot"}


def test_what_is_created_and_deleted_in_one_account_is_matched_by_its_id() -> None:
    started: set[tuple[str, str, str]] = set()
    matched = 0
    for record, events in sorted(_understood(), key=lambda one: one[0].event_time):
        for event in events:
            keys = {(record.event_source, event.account_id, one) for one in event.resource_ids}
            if event.change is Change.START:
                started |= keys
            elif event.change is Change.STOP:
                matched += bool(keys & started)
    assert matched >= 8

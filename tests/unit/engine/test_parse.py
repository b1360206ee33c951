"""What holds for every record, whatever service it comes from."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.cloudtrail.registry import REGISTRY, find_parser
from engine.errors import MalformedRecord
from tests.unit.engine.factories import T0, Record, parse_record, record, run_instances, start


@pytest.mark.parametrize(
    "code",
    ["Client.DryRunOperation", "Client.InstanceLimitExceeded", "VcpuLimitExceeded", "Client.UnauthorizedOperation", ""],
)
def test_a_call_that_failed_or_was_only_tried_bought_nothing(code: str) -> None:
    assert parse_record({**run_instances(["i-1"]), "errorCode": code, "responseElements": None}) == ()
    assert parse_record({**run_instances(["i-1"]), "errorCode": code}) == ()


def test_an_answer_that_is_null_is_no_failure() -> None:
    assert len(parse_record({**start(["i-1"]), "responseElements": None})) == 1
    assert len(parse_record({**start(["i-1"]), "errorCode": None})) == 1


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("cloudfront", "CreateFunction2020_05_31"),
        ("cloudfront", "DeleteFunction2020_05_31"),
        ("appsync", "CreateFunction"),
        ("ec2", "DescribeInstances"),
        ("cloudhsm", "CreateCluster"),  # A cluster is free, what is put into it is not.
        ("lambda", "Invoke"),
        ("lambda", "CreateFunctionUrlConfig20150331"),
    ],
)
def test_other_calls_of_a_similar_name_cost_nothing(source: str, name: str) -> None:
    assert parse_record(record(source, name, {"functionName": "resize", "name": "resize"})) == ()


def test_a_version_is_cut_off_only_whole_and_at_the_end() -> None:
    found = find_parser("lambda.amazonaws.com", "UpdateFunctionConfiguration20150331v2")
    assert found is not None
    assert found[0] == "UpdateFunctionConfiguration"
    assert find_parser("lambda.amazonaws.com", "CreateFunction2015") is None
    assert find_parser("lambda.amazonaws.com", "20150331CreateFunction") is None


def test_every_registered_call_is_found_under_its_own_name() -> None:
    for source, name in REGISTRY:
        found = find_parser(source, name)
        assert found is not None
        assert found[0] == name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-05T09:00:00Z", T0),
        ("2026-01-05T10:00:00+01:00", T0),
        ("2026-01-05T09:00:00", T0),
        ("2026-01-05T09:00:00.250Z", datetime(2026, 1, 5, 9, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_times_are_utc(written: str, read: datetime) -> None:
    (event,) = parse_record({**run_instances(["i-1"]), "eventTime": written})
    assert (event.event_time, event.event_time.tzinfo) == (read, UTC)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"eventID": ""}, "eventID"),
        ({"eventID": "x" * 129}, "too long"),
        ({"awsRegion": "x" * 65}, "too long"),
        ({"eventTime": "0001-01-01T00:00:00Z"}, "year 1"),
        ({"eventTime": "9999-12-31T23:59:59Z"}, "year 9999"),
        ({"eventTime": "yesterday"}, "eventTime"),
        ({"eventName": 7}, "eventName"),
        ({"eventSource": None}, "eventSource"),
    ],
)
def test_a_record_that_cannot_be_kept_says_why(change: Record, text: str) -> None:
    with pytest.raises(MalformedRecord, match=text):
        parse_record({**run_instances(["i-1"]), **change})


@pytest.mark.parametrize(
    ("change", "account_id"),
    [
        ({}, "111122223333"),
        ({"recipientAccountId": ""}, "111122223333"),
        ({"recipientAccountId": "", "userIdentity": {"accountId": {"a": 1}}}, ""),
        ({"recipientAccountId": "", "userIdentity": None}, ""),
    ],
)
def test_the_account_is_the_recipient_and_else_the_callers(change: Record, account_id: str) -> None:
    (event,) = parse_record({**run_instances(["i-1"]), **change})
    assert event.account_id == account_id


@pytest.mark.parametrize("address", [None, "198.51.100.7", "autoscaling.amazonaws.com", "x" * 10_000])
def test_the_address_is_kept_within_bounds(address: Any) -> None:
    (event,) = parse_record({**run_instances(["i-1"]), "sourceIPAddress": address})
    assert event.source_ip == (address or "")[:256]


def test_unknown_fields_and_new_versions_are_no_error() -> None:
    assert len(parse_record({**run_instances(["i-1"]), "eventVersion": "1.42", "eventContext": {"x": [1]}})) == 1

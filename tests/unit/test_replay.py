"""Replaying records: order, duplicates, one line for each anomaly, bounded memory."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.cloudtrail.split import Malformed, read_records
from engine.examples import incident
from engine.examples import launch as launched
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind, Severity
from engine.models.cost_event import Change, CostEvent
from engine.pricing.table import Rate
from services.replay import Finding, Replay, SeenKeys
from services.replay_account import JoinedEvents, ReplayAccount
from services.replay_lines import anomaly_line, cost_event_line

Json = dict[str, Any]
START = datetime(2026, 1, 5, 10, tzinfo=UTC)
EC2 = "ec2.amazonaws.com"


class FlatPrices:
    """One dollar an hour for anything, forty for the largest."""

    def rate(self, sku: str, region: str) -> Rate | None:  # noqa: ARG002 - the same everywhere
        return Rate(usd_per_hour=40.0 if "p4d" in sku else 1.0, provenance="list")


def record(event_id: str, name: str, at: timedelta, items: list[Json], **more: Any) -> Json:
    return {
        "eventSource": EC2,
        "eventName": name,
        "eventTime": (START + at).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "awsRegion": "us-east-1",
        "eventID": event_id,
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "userName": "bob"},
        "requestParameters": {},
        "responseElements": {"instancesSet": {"items": items}},
        **more,
    }


def launch(number: int, at: timedelta = timedelta(), instance_type: str = "p4d.24xlarge", **more: Any) -> Json:
    items = [{"instanceId": f"i-{number}", "instanceType": instance_type}]
    return record(f"launch-{number}", "RunInstances", at, items, **more)


def terminate(number: int, at: timedelta) -> Json:
    items = [{"instanceId": f"i-{number}", "previousState": {"name": "running"}}]
    return record(f"end-{number}", "TerminateInstances", at, items)


def run(records: Iterable[Json], replay: Replay | None = None) -> tuple[Replay, list[Finding]]:
    replay = replay or Replay(FlatPrices())
    findings: list[Finding] = []
    for found in read_records(json.dumps(one).encode() + b"\n" for one in records):
        findings += replay.read(found)
    return replay, [*findings, *replay.finish()]


def anomalies(findings: Sequence[Finding]) -> list[Anomaly]:
    return [one for one in findings if isinstance(one, Anomaly)]


def cost_events(findings: Sequence[Finding]) -> list[CostEvent]:
    return [one for one in findings if isinstance(one, CostEvent)]


def test_an_expensive_launch_becomes_one_alert_with_its_final_content() -> None:
    replay, findings = run(
        [launch(1), launch(2, timedelta(minutes=5)), terminate(1, timedelta(hours=9)), terminate(2, timedelta(hours=9))]
    )
    (anomaly,) = anomalies(findings)
    assert anomaly.decision.kind is DecisionKind.ALERT
    assert anomaly.severity is Severity.CRITICAL
    assert anomaly.event_ids == ("launch-1", "launch-2")
    assert anomaly.status is AnomalyStatus.RESOLVED
    assert anomaly.hourly_cost == 80.0
    assert anomaly.detected_at == START
    assert (replay.summary.cost_events, replay.summary.anomalies) == (4, 1)


def test_all_events_that_joined_are_given_however_many_they_are() -> None:
    many = [launch(number, timedelta(seconds=number)) for number in range(1200)]
    (anomaly,) = anomalies(run(many)[1])
    assert anomaly.event_ids == tuple(f"launch-{number}" for number in range(1200))
    assert len(anomaly.resources) == 1000
    assert anomaly.lines[0].quantity == 1200


def test_ids_beyond_the_limit_are_left_out_until_others_are_final() -> None:
    first, second = (incident(launched(event_id=one)) for one in ("a-0", "b-0"))
    joined = JoinedEvents(most=3)
    joined.note({first.anomaly_id: ["a-0", "a-1", "a-1"], second.anomaly_id: ["b-0", "b-1"]})
    assert joined.complete(first).event_ids == ("a-0", "a-1")
    assert joined.complete(second).event_ids == ("b-0",)
    joined.note({first.anomaly_id: ["a-0", "a-1", "a-2", "a-3"]})
    assert joined.complete(first).event_ids == ("a-0", "a-1", "a-2")


def test_a_stop_long_after_still_belongs_to_its_incident() -> None:
    quiet = [launch(100 + day, timedelta(days=day), "t3.micro") for day in range(1, 9)]
    (anomaly, *_) = anomalies(run([launch(1), *quiet, terminate(1, timedelta(days=10))])[1])
    assert anomaly.event_ids == ("launch-1",)
    assert anomaly.status is AnomalyStatus.RESOLVED
    assert anomaly.ended_at == START + timedelta(days=10)


def test_an_ended_anomaly_is_given_before_the_end() -> None:
    replay = Replay(FlatPrices(), reordered=1)
    later = [launch(2 + hour, timedelta(hours=hour), "t3.micro") for hour in range(2, 12)]
    findings: list[Finding] = []
    for one in [launch(1), terminate(1, timedelta(hours=1)), *later]:
        for found in read_records([json.dumps(one).encode()]):
            findings += replay.read(found)
    assert [one.event_ids for one in anomalies(findings)] == [("launch-1",)]


def test_records_out_of_order_are_judged_in_order() -> None:
    records = [terminate(1, timedelta(hours=2)), launch(2, timedelta(hours=1), "m5.large"), launch(1)]
    events = cost_events(run(records)[1])
    assert [one.event_id for one in events] == ["launch-1", "launch-2", "end-1"]
    assert events[-1].hourly_cost == 40.0


def test_the_reordering_is_bounded() -> None:
    replay = Replay(FlatPrices(), reordered=3)
    given = [
        finding
        for number in range(10)
        for found in read_records([json.dumps(launch(number, timedelta(minutes=number), "t3.micro")).encode()])
        for finding in replay.read(found)
    ]
    assert [one.event_id for one in cost_events(given)] == [f"launch-{number}" for number in range(7)]


def test_second_copies_are_counted_and_left_out() -> None:
    replay, findings = run([launch(1), launch(1), launch(1, recipientAccountId="444455556666")])
    assert [one.account_id for one in cost_events(findings)] == ["111122223333", "444455556666"]
    assert (replay.summary.records_read, replay.summary.duplicates) == (3, 1)


def test_duplicates_of_records_that_say_nothing_of_cost_count_too() -> None:
    replay, _ = run([record("x", "DescribeInstances", timedelta(), [])] * 3)
    assert (replay.summary.records_read, replay.summary.duplicates, replay.summary.cost_events) == (3, 2, 0)


def test_an_id_is_known_whatever_its_record_says() -> None:
    silent, telling = record("launch-1", "DescribeInstances", timedelta(), []), launch(1)
    assert [run(both)[0].summary.duplicates for both in ([silent, telling], [telling, silent])] == [1, 1]


def test_what_was_deleted_long_ago_is_forgotten_and_what_was_stopped_is_not() -> None:
    account = ReplayAccount("111122223333", START, FlatPrices())
    account.advance([launched(resource_ids=("i-0",))])
    account.advance([launched(event_name="StopInstances", change=Change.STOP, resource_ids=("i-0",))])
    for number in range(1, 1101):
        for event_name, change in (("RunInstances", Change.START), ("TerminateInstances", Change.STOP)):
            account.advance([launched(event_name=event_name, change=change, resource_ids=(f"i-{number}",))])
    assert len(account.known_ids) == 1001
    assert {"eu-west-1/ec2/i-0", "eu-west-1/ec2/i-1100"} <= account.known_ids
    assert "eu-west-1/ec2/i-1" not in account.known_ids


@pytest.mark.parametrize("code", ["Client.DryRunOperation", "Client.UnauthorizedOperation", "anything"])
def test_a_failed_launch_is_never_priced(code: str) -> None:
    assert run([launch(1, errorCode=code)])[1] == []


def test_failed_launches_are_told_of_only_where_there_are_several() -> None:
    def failed(minutes: int) -> Json:
        return record(f"failed-{minutes}", "RunInstances", timedelta(minutes=minutes), [], errorCode="Client.Limit")

    assert run([failed(0), failed(1)])[1] == []
    replay, findings = run([failed(0), failed(2), launch(1, timedelta(minutes=3)), failed(1)])
    told, launched = anomalies(findings)
    assert (told.decision.kind, told.event_ids) == (DecisionKind.DIGEST, ("failed-0", "failed-1", "failed-2"))
    assert launched.signals[-1].text == "3 launches by this actor failed in the 3 minutes before."
    assert (replay.summary.anomalies, replay.summary.cost_events) == (2, 1)


def test_a_launch_that_cannot_be_understood_is_named_with_its_line() -> None:
    replay, findings = run([launch(1), launch(2, responseElements={"instancesSet": {"items": [{"instanceId": 5}]}})])
    (malformed,) = [one for one in findings if isinstance(one, Malformed)]
    assert malformed.line == 2
    assert replay.summary.records_malformed == 1
    assert len(cost_events(findings)) == 1


def test_seen_keys_forget_only_what_is_old() -> None:
    seen = SeenKeys(generation=10)
    assert all(seen.is_new(("1", str(number))) for number in range(100))
    assert not any(seen.is_new(("1", str(number))) for number in range(90, 100))
    assert seen.is_new(("1", "0"))


def test_very_many_accounts_do_not_lose_anomalies() -> None:
    records = [launch(number, recipientAccountId=f"{number:012}") for number in range(5_050)]
    replay, findings = run(records)
    assert replay.summary.anomalies == len(anomalies(findings)) == 5_050


def test_lines_say_what_programs_rely_on() -> None:
    _, findings = run([launch(1)])
    event = cost_event_line(cost_events(findings)[0])
    assert (event.actor, event.change, event.hourly_cost_usd) == (
        "arn:aws:iam::111122223333:user/bob",
        Change.START,
        40.0,
    )
    line = anomaly_line(anomalies(findings)[0])
    assert (line.resource_type, line.region, line.hourly_cost_usd) == ("p4d.24xlarge", "us-east-1", 40.0)
    assert line.signals

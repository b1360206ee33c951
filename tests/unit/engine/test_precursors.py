"""Precursors: no cost events, never an alert; a word in the digest, and on the incident they came before."""

import json
from typing import Any

import pytest

from engine.cloudtrail import decode_record
from engine.cloudtrail.precursors import parse_precursor
from engine.errors import MalformedRecord
from engine.models.account import GovernanceMode
from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.precursor import Precursor, PrecursorKind
from engine.pipeline import start_changes
from engine.precursors import is_precursor, note_precursor
from tests.unit.engine.factories import (
    ALICE,
    DEPLOY,
    Account,
    Record,
    account,
    parse_record,
    record,
    run_instances,
    seasoned,
)

MINUTE = 1 / 60


def read(raw: Record) -> Precursor | None:
    return parse_precursor(decode_record(json.dumps(raw).encode()))


def failed(at: float, *, by: Record = ALICE, code: str = "Client.VcpuLimitExceeded") -> Record:
    asked = {"instanceType": "p4d.24xlarge", "instancesSet": {"items": [{"minCount": 1, "maxCount": 8}]}}
    return record("ec2", "RunInstances", asked, None, at=at, by=by, errorCode=code)


def quota(**more: Any) -> Record:
    asked = {"serviceCode": "ec2", "quotaCode": "L-417A185B", "desiredValue": 192}
    answer = {"requestedQuota": {"serviceCode": "ec2", "quotaName": "Running On-Demand P instances"}}
    return record("servicequotas", "RequestServiceQuotaIncrease", asked, answer, by=ALICE, **more)


def note(known: Account, *raws: Record) -> None:
    for raw in raws:
        precursor = read(raw)
        assert precursor is not None
        note_precursor(precursor, known.state, start_changes(known.state))


class TestParsing:
    @pytest.mark.parametrize(
        ("raw", "kind", "text"),
        [
            (failed(0), "failed_launch", "alice failed to launch p4d.24xlarge (VcpuLimitExceeded)."),
            (failed(0, code=""), "failed_launch", "alice failed to launch p4d.24xlarge (no reason given)."),
            (quota(), "quota_increase", "alice asked AWS to raise Running On-Demand P instances of ec2 to 192."),
            (
                record("servicequotas", "RequestServiceQuotaIncrease", {"quotaCode": "L-1"}, None, by=ALICE),
                "quota_increase",
                "alice asked AWS to raise L-1.",
            ),
            (
                record("account", "EnableRegion", {"RegionName": "af-south-1"}, None, by=ALICE),
                "region_enabled",
                "alice enabled the Region af-south-1.",
            ),
        ],
    )
    def test_what_is_foretold(self, raw: Record, kind: str, text: str) -> None:
        found = read(raw)
        assert found is not None
        assert (found.kind, found.text) == (kind, text)
        assert parse_record(raw) == ()

    @pytest.mark.parametrize(
        "raw",
        [
            run_instances(["i-1"]),
            failed(0, code="Client.DryRunOperation"),
            quota(errorCode="AccessDenied"),
            quota(errorCode=""),
            record("account", "EnableRegion", {}, None),
            {**failed(0), "eventID": ""},
            {**failed(0), "eventID": "e" * 200},
            record("kms", "Decrypt", {}, None),
        ],
    )
    def test_what_foretells_nothing(self, raw: Record) -> None:
        assert read(raw) is None

    @pytest.mark.parametrize("year", ["0001", "9999"])
    def test_a_time_that_cannot_be_is_malformed(self, year: str) -> None:
        raw = json.dumps({**failed(0), "eventTime": f"{year}-01-05T10:00:00Z"}).encode()
        with pytest.raises(MalformedRecord):
            decode_record(raw)


class TestFindings:
    def test_a_quota_increase_is_for_the_digest(self) -> None:
        known = Account()
        note(known, quota())
        finding = known.only_anomaly()
        assert (finding.severity, finding.decision.kind) == (Severity.INFO, DecisionKind.DIGEST)
        assert finding.status is AnomalyStatus.RESOLVED
        assert is_precursor(finding)

    @pytest.mark.parametrize(
        ("times", "kinds"),
        [
            ([0], ["log"]),
            ([0, 1], ["log"]),
            ([0, 5, 10], ["digest"]),
            ([0, 5, 16], ["log", "log"]),
            ([10, 5, 0], ["digest"]),
        ],
    )
    def test_failed_launches_within_minutes_are_one_finding(self, times: list[int], kinds: list[str]) -> None:
        known = Account()
        note(known, *(failed(minute * MINUTE) for minute in times))
        assert [one.decision.kind for one in known.anomalies] == kinds
        assert sum(one.lines[0].quantity for one in known.anomalies) == len(times)

    def test_two_actors_have_a_finding_each(self) -> None:
        known = Account()
        note(known, failed(0), failed(0, by=DEPLOY))
        assert [len(one.event_ids) for one in known.anomalies] == [1, 1]

    @pytest.mark.parametrize("raw", [failed(0), quota()])
    def test_a_precursor_seen_twice_changes_nothing(self, raw: Record) -> None:
        known = Account()
        note(known, raw)
        before = known.anomalies
        changes = start_changes(known.state)
        found = read(raw)
        assert found is not None
        note_precursor(found, known.state, changes)
        assert (known.anomalies, changes.anomalies) == (before, {})

    @pytest.mark.parametrize("who", [{"account": account(GovernanceMode.STRICT)}, {"panic_mode": True}])
    def test_strict_mode_and_panic_only_log(self, who: dict[str, Any]) -> None:
        known = Account(**who)
        note(known, quota())
        assert known.only_anomaly().decision.kind is DecisionKind.LOG


class TestIncidents:
    @pytest.mark.parametrize(
        ("times", "text"),
        [
            ([-9, -5, -1], "3 launches by this actor failed in the 9 minutes before."),
            ([-5, -1], None),
            ([-40, -30, -20], None),
            ([1, 2, 3], None),
        ],
    )
    def test_an_incident_tells_of_the_failures_before_it(self, times: list[int], text: str | None) -> None:
        known = seasoned()
        note(known, *(failed(minute * MINUTE) for minute in times))
        known.play(run_instances(["i-1"], "p4d.24xlarge", by=ALICE))
        (incident,) = [one for one in known.anomalies if not is_precursor(one)]
        assert incident.decision.kind is DecisionKind.ALERT
        told = [signal.text for signal in incident.signals if signal.name == PrecursorKind.FAILED_LAUNCH]
        assert told == ([text] if text else [])

    def test_failures_of_somebody_else_are_no_sign(self) -> None:
        known = seasoned()
        note(known, *(failed(-minute * MINUTE, by=DEPLOY) for minute in (3, 2, 1)))
        known.play(run_instances(["i-1"], "p4d.24xlarge", by=ALICE))
        assert all(signal.name != PrecursorKind.FAILED_LAUNCH for one in known.anomalies[1:] for signal in one.signals)


class TestFirstUse:
    def test_a_cheap_launch_where_nothing_ever_ran_is_for_the_digest(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], "m5.large", region="ap-southeast-1"))
        finding = known.only_anomaly()
        assert finding.decision.kind is DecisionKind.DIGEST
        told = "deploy started m5.large in ap-southeast-1, never used before; this account usually runs in eu-west-1."
        assert finding.signals[0].text == told
        known.play(run_instances(["i-2"], "m5.large", region="ap-southeast-1", at=30))
        assert known.only_anomaly() == finding

    def test_a_new_account_uses_every_region_for_the_first_time(self) -> None:
        known = Account()
        known.play(run_instances(["i-1"]), run_instances(["i-2"], region="us-east-1", at=1))
        assert not any(is_precursor(one) for one in known.anomalies)

    def test_an_incident_tells_of_the_region_itself(self) -> None:
        known = seasoned()
        known.play(run_instances(["i-1"], "p4d.24xlarge", region="ap-southeast-1", by=ALICE))
        assert not is_precursor(known.only_anomaly())

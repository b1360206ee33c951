"""Builders for the engine's tests: CloudTrail records in their true shapes, and the state of an account.

Times are hours after ``T0``. Prices are round, so that sums can be checked by head.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from engine.account_state import AccountState, Anomalies, Changes
from engine.baselines.model import Baseline
from engine.cloudtrail import decode_record, parse
from engine.models.account import AccountStatus, AwsAccount, GovernanceMode
from engine.models.anomaly import Anomaly
from engine.models.cost_event import CostEvent
from engine.pipeline import advance, start_changes
from engine.pricing import Rate

ACCOUNT = "111122223333"
REGION = "eu-west-1"
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
Record = dict[str, Any]

PRICES = {
    "ec2/t3.medium": 0.05,
    "ec2/m5.large": 0.1,
    "ec2/c5.large": 0.1,
    "ec2/m5.24xlarge": 5.0,
    "ec2/g5.48xlarge": 16.0,
    "ec2/p4d.24xlarge": 32.0,
    "nat/hour": 0.05,
    "lambda/provisioned/x86_64": 0.015,
    "rds/postgres/db.r5.large/single": 0.25,
    "rds/storage/gp3/gb": 0.0002,
}


class Prices:
    """The prices above, the same in every Region."""

    def rate(self, sku: str, region: str) -> Rate | None:  # noqa: ARG002 - the protocol asks for the Region too
        usd = PRICES.get(sku)
        return None if usd is None else Rate(usd, "list")


def hours(number: float) -> timedelta:
    """A span of time."""
    return timedelta(hours=number)


def user(name: str) -> Record:
    """An IAM user's identity."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": arn, "accountId": ACCOUNT, "userName": name}


def role(name: str, session: str = "session") -> Record:
    """An assumed role's identity."""
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "accountId": ACCOUNT, "userName": name}
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


DEPLOY = role("deploy", "build-4711")
JANITOR = role("janitor")
ALICE = user("alice")


def record(
    source: str,
    name: str,
    request: Any = None,
    response: Any = None,
    *,
    at: float = 0.0,
    by: Record = DEPLOY,
    region: str = REGION,
    event_id: str | None = None,
    **more: Any,
) -> Record:
    """One bare record; its id is made of all that tells it from others unless given."""
    moment = T0 + hours(at)
    told = json.dumps([name, moment.isoformat(), by, region, request, response], default=str)
    return {
        "eventVersion": "1.09",
        "userIdentity": by,
        "eventTime": moment.isoformat().replace("+00:00", "Z"),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "198.51.100.7",
        "requestParameters": request,
        "responseElements": response,
        "eventID": event_id or f"e-{hash_of(told)}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        **more,
    }


def hash_of(text: str) -> str:
    """A stable short name of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def instance(instance_id: str, instance_type: str = "m5.large", **more: Any) -> Record:
    """One element of a RunInstances answer."""
    return {
        "instanceId": instance_id,
        "imageId": "ami-0abc",
        "instanceState": {"code": 0, "name": "pending"},
        "instanceType": instance_type,
        "placement": {"availabilityZone": "eu-west-1a", "tenancy": "default"},
        **more,
    }


def run_instances(ids: Sequence[str], instance_type: str = "m5.large", **where: Any) -> Record:
    """A launch of instances of one type."""
    asked = {"instancesSet": {"items": [{"minCount": 1, "maxCount": len(ids)}]}, "instanceType": instance_type}
    answer = {"reservationId": "r-1", "instancesSet": {"items": [instance(one, instance_type) for one in ids]}}
    return record("ec2", "RunInstances", asked, answer, **where)


def change_state(name: str, ids: Sequence[str], before: str, after: str, **where: Any) -> Record:
    """A start, stop or termination, with the states the answer tells."""
    items = [{"instanceId": one, "previousState": {"name": before}, "currentState": {"name": after}} for one in ids]
    asked = {"instancesSet": {"items": [{"instanceId": one} for one in ids]}}
    return record("ec2", name, asked, {"instancesSet": {"items": items}}, **where)


def terminate(ids: Sequence[str], **where: Any) -> Record:
    """The end of running instances."""
    return change_state("TerminateInstances", ids, "running", "shutting-down", **where)


def stop(ids: Sequence[str], **where: Any) -> Record:
    """A stop of running instances."""
    return change_state("StopInstances", ids, "running", "stopping", **where)


def start(ids: Sequence[str], **where: Any) -> Record:
    """A start of stopped instances."""
    return change_state("StartInstances", ids, "stopped", "pending", **where)


def resize(instance_id: str, instance_type: str, **where: Any) -> Record:
    """A change of an instance's type."""
    asked = {"instanceId": instance_id, "instanceType": {"value": instance_type}}
    return record("ec2", "ModifyInstanceAttribute", asked, {"_return": True}, **where)


def parse_record(raw: Record) -> tuple[CostEvent, ...]:
    """The cost events of a record, through its JSON as it would arrive."""
    return parse(decode_record(json.dumps(raw).encode()))


def account(mode: GovernanceMode = GovernanceMode.AUDIT, set_by: str = "") -> AwsAccount:
    """A connected account."""
    return AwsAccount(
        account_id=ACCOUNT,
        name="production",
        status=AccountStatus.ACTIVE,
        external_id="x-1",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/dd0c",
        regions=(REGION, "us-east-1"),
        connected_at=T0,
        mode=mode,
        mode_set_by=set_by,
    )


def new_state(**changes: Any) -> AccountState:
    """An account in audit mode of which nothing is known yet, but for the changes."""
    fresh = AccountState(
        namespace="tenant-1",
        account=account(),
        baseline=Baseline(account_id=ACCOUNT),
        resources={},
        anomalies=Anomalies(),
    )
    return msgspec.structs.replace(fresh, **changes)


class Account:
    """An account whose records are judged one batch after the other."""

    def __init__(self, **changes: Any) -> None:
        self.state = new_state(**changes)
        self.cost_events: list[CostEvent] = []

    def play(self, *records: Record) -> Changes:
        """Judge the records as one batch."""
        changes = start_changes(self.state)
        for raw in records:
            advance(parse_record(raw), self.state, changes, Prices())
        self.cost_events.extend(changes.cost_events)
        return changes

    @property
    def anomalies(self) -> list[Anomaly]:
        """All findings, oldest first."""
        return sorted(self.state.anomalies.values(), key=lambda one: (one.first_event_time, one.anomaly_id))

    def only_anomaly(self) -> Anomaly:
        """The one finding there is."""
        (anomaly,) = self.anomalies
        return anomaly


WEEK = 7 * 24


def normal_weeks(weeks: int = 4) -> list[Record]:
    """What the account does in ordinary weeks before ``T0``: a daily batch job and a weekly deploy by the same role."""
    records = []
    for day in range(-weeks * 7, 0):
        ids = [f"i-day{day}-{n}" for n in range(2)]
        records.append(run_instances(ids, "m5.large", at=day * 24))
        records.append(terminate(ids, at=day * 24 + 6))
        if day % 7 == 0:
            records.append(run_instances([f"i-web{day}"], "c5.large", at=day * 24 + 1))
            records.append(terminate([f"i-web{day}"], at=day * 24 + 3))
    return records


def seasoned(**changes: Any) -> Account:
    """An account with four ordinary weeks behind it, and no finding left over from them."""
    known = Account(**changes)
    known.play(*normal_weeks())
    known.state.anomalies.clear()
    known.cost_events.clear()
    return known

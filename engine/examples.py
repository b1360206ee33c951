"""Small values for the runnable examples in the engine's docstrings, so that each shows only what it is about."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.account_state import AccountState, Anomalies
from engine.baselines.model import Baseline
from engine.incidents import new_incident
from engine.models.account import AccountStatus, AwsAccount
from engine.models.anomaly import Anomaly, Decision, DecisionKind, Score
from engine.models.cost_event import Actor, ActorKind, Change, CostEvent, UsageItem
from engine.pricing.table import Rate

MONDAY = datetime(2026, 1, 5, 10, tzinfo=UTC)


class FlatPrices:
    """One unit of anything costs one dollar an hour everywhere."""

    def rate(self, sku: str, region: str) -> Rate | None:  # noqa: ARG002 - the Prices protocol asks for both
        return Rate(1.0, "list")


def launch(**changes: Any) -> CostEvent:
    """One m5.large for $1 an hour, started on a Monday by the role ci, but for the changes.

    >>> launch(hourly_cost=2.0).hourly_cost
    2.0
    """
    usual = CostEvent(
        event_id="e-1",
        account_id="111122223333",
        event_name="RunInstances",
        event_time=MONDAY,
        region="eu-west-1",
        service="ec2",
        resource_type="m5.large",
        resource_ids=("i-1",),
        quantity=1,
        actor=Actor("ci", ActorKind.ROLE, "ci"),
        change=Change.START,
        usage=(UsageItem("ec2/m5.large", 1),),
        hourly_cost=1.0,
    )
    return msgspec.structs.replace(usual, **changes)


def new_account() -> AwsAccount:
    """An account as it is right after it was connected.

    >>> new_account().mode
    <GovernanceMode.STRICT: 'strict'>
    """
    return AwsAccount(
        account_id="111122223333",
        name="production",
        status=AccountStatus.ACTIVE,
        external_id="x-1",
        role_arn="arn:aws:iam::111122223333:role/dd0c",
        regions=("eu-west-1",),
        connected_at=MONDAY,
    )


def new_state() -> AccountState:
    """The state of an account of which nothing is known yet.

    >>> new_state().baseline.events
    0
    """
    return AccountState(
        namespace="t-1",
        account=new_account(),
        baseline=Baseline(account_id="111122223333"),
        resources={},
        anomalies=Anomalies(),
    )


def incident(event: CostEvent) -> Anomaly:
    """The alerted incident that one launch opens.

    >>> incident(launch()).hourly_cost
    1.0
    """
    return new_incident(event, Score(2.0), Decision(DecisionKind.ALERT, "Unusual and expensive."), "t-1")

"""What was found, what people said about it, and what is known and running."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.baselines.model import Baseline
from engine.models.account import Experience, TrackRecord
from engine.models.anomaly import Anomaly
from engine.models.cost_event import CostEvent
from engine.models.delivery import Delivery
from engine.models.observation import ObservedType
from engine.models.resource import Running
from engine.models.search import Criteria, Position
from engine.models.spend import Seen, SpendKey
from engine.models.verdict import Expectation, Forgotten, Label, Snooze, Verdict
from engine.models.work import WorkItem


class Anomalies(Protocol):
    """Findings, and what people said about them."""

    async def find_anomaly(self, tenant_id: str, anomaly_id: str) -> Anomaly:
        """Raise NotFound when this tenant has none of that id."""
        ...

    async def count_unsettled(self, tenant_id: str, *, since: datetime) -> int:
        """How many people were told of whose last record is not older than ``since``, and have not judged."""
        ...

    async def find_track_records(self, tenant_id: str) -> dict[str, TrackRecord]:
        """Account id -> how its alerts did, for every account of the tenant that has any.

        What alerted counts, and what a looser mode would have sent: a warning or more, with a score of 1.0 or more.
        """
        ...

    async def find_snoozed_before(self, until: datetime, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants whose snooze ended by ``until``."""
        ...

    async def find_cost_events(self, tenant_id: str, account_id: str, event_ids: Sequence[str]) -> list[CostEvent]: ...

    async def record_verdicts(self, tenant_id: str, labels: Sequence[Label], now: datetime) -> None:  # one transaction
        """Replace an anomaly by what the last of its labels makes of it if nobody changed it meanwhile (else Conflict),
        and bump its card. Each label begins where the one before it ended, and there is one at least.

        A given expectation or snooze is inserted. Where a label's ``after`` carries no ``expectation_id`` the one of
        ``before`` is withdrawn; where it is not snoozed the snooze of this anomaly is withdrawn.
        """
        ...

    async def find_unlearned(self, before: datetime, limit: int) -> list[WorkItem]:
        """LEARN_VERDICT work of all tenants that was recorded before that time and not done."""
        ...

    async def find_verdict(self, tenant_id: str, verdict_id: str) -> Verdict: ...

    async def find_verdicts(self, tenant_id: str, anomaly_id: str) -> list[Verdict]:
        """In the order in which they were recorded."""
        ...

    async def commit_learning(
        self, tenant_id: str, verdict_id: str, baseline: Baseline, version: int, forgotten: Sequence[Forgotten] = ()
    ) -> None:
        """Save the baseline and mark the verdict learned, with what the baseline forgot because of it, together.

        Conflict when the account changed meanwhile.
        """
        ...


class AnomalySearch(Protocol):
    """Looking among a tenant's anomalies, those that were only logged included."""

    async def find_page(self, tenant_id: str, criteria: Criteria, *, skip: int, limit: int) -> list[Anomaly]:
        """Those that meet the criteria, newest first."""
        ...

    async def count(self, tenant_id: str, criteria: Criteria) -> int: ...

    async def find_behind(
        self, tenant_id: str, criteria: Criteria, after: Position | None, limit: int
    ) -> list[Anomaly]:
        """Those that meet the criteria and stand behind a position, newest first."""
        ...

    async def find_deliveries(self, tenant_id: str, anomaly_ids: Sequence[str]) -> dict[str, Delivery]:
        """Anomaly id -> delivery, for those that have or are to have a card."""
        ...

    async def find_named(self, tenant_id: str, anomaly_ids: Sequence[str]) -> list[Anomaly]:
        """Those of these ids that are there."""
        ...

    async def find_by_prefix(self, tenant_id: str, prefix: str, limit: int) -> list[Anomaly]:
        """Those whose id begins like this."""
        ...


class Patterns(Protocol):
    """Expectations and snoozes. A batch that was loaded before one of them changed is judged again."""

    async def find_expectations(self, tenant_id: str, now: datetime, limit: int) -> list[Expectation]:
        """Those in force, oldest first."""
        ...

    async def find_snoozes(self, tenant_id: str, now: datetime, limit: int) -> list[Snooze]:
        """Those in force, that which ends soonest first."""
        ...

    async def find_running(self, tenant_id: str, account_id: str, resource_types: Sequence[str]) -> dict[str, Running]:
        """Type -> how much of it runs in the account, for the types of which something does."""
        ...

    async def insert_expectation(self, tenant_id: str, expectation: Expectation) -> None: ...

    async def delete_expectation(self, tenant_id: str, expectation_id: str, user_id: str, now: datetime) -> Expectation:
        """Take it back on a user's word; raise NotFound when it is gone already."""
        ...


class Spending(Protocol):
    """What runs: sums, and what has reached its limit."""

    async def find_past_limit(self, tenant_id: str, account_id: str, now: datetime, limit: int) -> list[str]:
        """Ids of the account's resources that run past their ``ends_by``, the longest past first."""
        ...

    async def sum_running(self, tenant_id: str) -> dict[str, float]:
        """Account id -> USD per hour of all its running resources with a known price."""
        ...

    async def sum_spent(self, tenant_id: str, since: datetime, until: datetime) -> float:
        """USD that all resources with a known price cost in a time, as far as their present or last run tells."""
        ...

    async def sum_seen(
        self, tenant_id: str, by: SpendKey, since: datetime, until: datetime, *, added_since: datetime
    ) -> list[Seen]:
        """What all resources with a known price cost, by account and ``by``; as ``sum_spent`` and ``sum_running``."""
        ...


class Observations(Protocol):
    """Sums over the cost events that are kept."""

    async def find_types(self, tenant_id: str, account_id: str, limit: int) -> list[ObservedType]:
        """What was started in an account, by type, the most frequent first."""
        ...


class Experiences(Protocol):
    """How well each account is known."""

    async def find_experiences(self, tenant_id: str) -> dict[str, Experience]:
        """Account id -> experience, for every account of the tenant that has a baseline."""
        ...

"""What the use cases need from the world outside, as Protocols.

Adapters fit by shape. They raise only the errors of ``engine.errors``. Every method that touches a customer's data
takes the tenant first.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from engine.account_state import Changes, Loaded
from engine.baselines.model import Baseline
from engine.models.account import AwsAccount, Experience, RegionCursor, Tenant, TrackRecord
from engine.models.anomaly import Anomaly
from engine.models.api_key import ApiKey
from engine.models.cost_event import CostEvent
from engine.models.delivery import Delivery, SlackMessage
from engine.models.inbox import InboxBatch
from engine.models.lease import Lease
from engine.models.leaving import Tombstone
from engine.models.verdict import Expectation, Snooze, Verdict
from engine.models.work import WorkItem

Clock = Callable[[], datetime]
NewId = Callable[[], str]


class Tenants(Protocol):
    """Customers."""

    async def find_tenant(self, tenant_id: str) -> Tenant:
        """Raise NotFound when there is none."""
        ...

    async def save_tenant(self, tenant: Tenant) -> None: ...


class Accounts(Protocol):
    """Connected AWS accounts."""

    async def find_account(self, tenant_id: str, account_id: str) -> AwsAccount:
        """Raise NotFound when this tenant has no such account."""
        ...

    async def find_accounts(self, tenant_id: str) -> list[AwsAccount]:
        """All accounts of the tenant, by connection time."""
        ...

    async def insert_account(self, tenant_id: str, account: AwsAccount) -> None:
        """Claim the AWS account for this tenant; raise Conflict when any tenant has it already."""
        ...

    async def save_account(self, tenant_id: str, account: AwsAccount) -> None:
        """Write status, role, Regions and mode; cursors and counters stay as they are.

        Raise NotFound for an account that is disconnecting: whoever read it before that must not bring it back.
        """
        ...

    async def save_cursors(self, tenant_id: str, account_id: str, cursors: Sequence[RegionCursor]) -> None: ...

    async def note_arrivals(
        self, tenant_id: str, account_id: str, source: str, lags: Sequence[float], newest: Mapping[str, datetime]
    ) -> None:
        """Add to what a source brought: lags in seconds, and the newest record's time by Region (names AWS has)."""
        ...

    async def count_records(
        self, tenant_id: str, account_id: str, *, read: int, malformed: int, unknown_prices: int, last_malformed: str
    ) -> None:
        """Add to the account's counters; an empty ``last_malformed`` keeps the old text."""
        ...


class Ledger(Protocol):
    """The one transaction of an account's batch."""

    async def find_known_event_ids(self, tenant_id: str, account_id: str, event_ids: Sequence[str]) -> set[str]:
        """Those of ``event_ids`` whose effects are committed."""
        ...

    async def load_state(self, tenant_id: str, account_id: str, resource_ids: Sequence[str], since: datetime) -> Loaded:
        """State for a batch.

        It holds the named resources, the anomalies active since ``since`` or owning a named resource, and the
        expectations and snoozes in force at ``since`` or later.
        """
        ...

    async def commit(self, tenant_id: str, loaded: Loaded, changes: Changes, now: datetime) -> None:
        """Write cost events, baseline, resources, anomalies and outbox rows of carded anomalies, all or nothing.

        Raise Conflict when the account changed since it was loaded or an event id is already there: load and judge
        again.
        """
        ...


class Inbox(Protocol):
    """Records that were pushed to us, durable from the moment their sender is told so until they took effect."""

    async def save_batches(self, batches: Sequence[InboxBatch]) -> None:
        """Keep batches of any tenants; all of them or an error. A batch id that is there already is left as it is."""
        ...

    async def find_batches(self, tenant_id: str, account_id: str, limit: int) -> list[InboxBatch]:
        """The oldest batches of one account; those set aside are left out."""
        ...

    async def set_aside(self, tenant_id: str, batch_id: str, reason: str) -> None:
        """Keep a batch that can never take effect for a person to look at, out of the way of those behind it."""
        ...

    async def delete_batches(self, tenant_id: str, batch_ids: Sequence[str]) -> None:
        """Forget batches whose effects are committed."""
        ...

    async def find_waiting(self, before: datetime, limit: int) -> list[WorkItem]:
        """INGEST work of all tenants for batches received before then, one item for each account."""
        ...


class ApiKeys(Protocol):
    """Keys with which programs speak to the bot; only their hashes are kept."""

    async def insert_key(self, key: ApiKey) -> None:
        """Keep a new key; raise Conflict when its id is taken."""
        ...

    async def find_keys(self, tenant_id: str) -> list[ApiKey]:
        """All keys of the tenant, oldest first, with those that were revoked."""
        ...

    async def revoke_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """End a key for good; raise NotFound when this tenant has none of that id that still works."""
        ...

    async def touch_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """Note that the key was used."""
        ...

    async def find_key(self, digest: str) -> ApiKey | None:
        """The key of any tenant with this SHA-256, whether it still works or not."""
        ...


class Leaving(Protocol):
    """Deleting what we know of accounts and tenants that leave."""

    async def delete_some(self, tenant_id: str, account_id: str, limit: int) -> int:
        """Delete at most ``limit`` documents of each collection that belong to the account; 0 when nothing is left."""
        ...

    async def count_deleted(self, tenant_id: str, account_id: str) -> Mapping[str, int]:
        """Collection -> documents deleted so far."""
        ...

    async def delete_account(self, tombstone: Tombstone) -> None:
        """Delete the account that is disconnecting and its owner, and set up its tombstone, together."""
        ...

    async def delete_tenant(self, tombstone: Tombstone) -> None:
        """Delete a tenant without accounts and its keys, and set up its tombstone, together."""
        ...


class Anomalies(Protocol):
    """Findings, and what people said about them."""

    async def find_anomaly(self, tenant_id: str, anomaly_id: str) -> Anomaly:
        """Raise NotFound when this tenant has none of that id."""
        ...

    async def find_anomalies(self, tenant_id: str, *, since: datetime, limit: int) -> list[Anomaly]:
        """Those whose last record is not older than ``since``, newest first; logged ones are left out."""
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

    async def record_verdict(  # one transaction
        self,
        tenant_id: str,
        *,
        before: Anomaly,
        after: Anomaly,
        verdict: Verdict,
        expectation: Expectation | None = None,
        snooze: Snooze | None = None,
        now: datetime,
    ) -> None:
        """Replace ``before`` by ``after`` if nobody changed it meanwhile (else Conflict), and bump its card.

        A given expectation or snooze is inserted. When ``after`` carries no ``expectation_id`` the one of ``before`` is
        withdrawn; when ``after`` is not snoozed the snooze of this anomaly is withdrawn.
        """
        ...

    async def find_unlearned(self, before: datetime, limit: int) -> list[WorkItem]:
        """LEARN_VERDICT work of all tenants that was recorded before that time and not done."""
        ...

    async def find_verdict(self, tenant_id: str, verdict_id: str) -> Verdict: ...

    async def find_verdicts(self, tenant_id: str, anomaly_id: str) -> list[Verdict]:
        """Oldest first."""
        ...

    async def commit_learning(self, tenant_id: str, verdict_id: str, baseline: Baseline, version: int) -> None:
        """Save the baseline and mark the verdict learned, together; Conflict when the account changed meanwhile."""
        ...


class Outbox(Protocol):
    """Cards on their way. Claiming is atomic, so several senders may run."""

    async def claim_due(self, now: datetime, lease_seconds: float) -> tuple[str, Delivery] | None:
        """Take the (tenant id, delivery) that is due longest, or one whose sender died.

        The row is returned as it was (a dead sender's row still says SENDING) and is SENDING until the lease ends.
        """
        ...

    async def claim_one(self, tenant_id: str, anomaly_id: str, now: datetime, lease_seconds: float) -> Delivery | None:
        """Take this anomaly's delivery, as ``claim_due`` would, or None when it is not due or somebody has it."""
        ...

    async def save_delivery(self, tenant_id: str, delivery: Delivery) -> None:
        """Write what the sender found out and release the claim; ``wanted`` keeps the higher value."""
        ...

    async def find_stuck(self, tenant_id: str) -> list[Delivery]:
        """Deliveries that are dead, uncertain or failed at least once and are not yet sent."""
        ...

    async def find_delivery(self, tenant_id: str, anomaly_id: str) -> Delivery | None: ...

    async def requeue_dead(self, tenant_id: str, now: datetime) -> int:
        """Make dead deliveries pending again (the channel or token works again); return how many."""
        ...


class Spending(Protocol):
    """Sums over what runs."""

    async def sum_running(self, tenant_id: str) -> dict[str, float]:
        """Account id -> USD per hour of all its running resources with a known price."""
        ...


class Experiences(Protocol):
    """How well each account is known."""

    async def find_experiences(self, tenant_id: str) -> dict[str, Experience]:
        """Account id -> experience, for every account of the tenant that has a baseline."""
        ...


class SystemLookups(Protocol):
    """The few look-ups that have no tenant yet."""

    async def find_tenant_by_team(self, team_id: str) -> Tenant | None: ...

    async def find_tenant_by_account(self, account_id: str) -> str | None:
        """The id of the tenant that connected this AWS account."""
        ...

    async def find_due_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account that is to be polled."""
        ...

    async def find_history_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account still reading its history."""
        ...

    async def find_disconnecting_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account whose data is to be deleted."""
        ...

    async def find_leaving_tenants(self) -> list[str]:
        """The ids of all tenants whose data is to be deleted."""
        ...

    async def find_strict_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every watched account that is in strict mode because nobody chose another."""
        ...


class CloudTrailSource(Protocol):
    """CloudTrail's LookupEvents, through the customer's role."""

    def lookup(
        self, account: AwsAccount, region: str, start: datetime, end: datetime
    ) -> AsyncIterator[Sequence[bytes]]:
        """Pages of raw write records (JSON bytes) in ``[start, end]``, newest first, the window frozen while paging."""
        ...

    async def fetch_regions(self, account: AwsAccount) -> tuple[str, ...]:
        """The Regions enabled in the account."""
        ...

    async def fetch_alias(self, account: AwsAccount) -> str:
        """The account's alias, or an empty string."""
        ...

    async def assume(self, account: AwsAccount, *, with_external_id: bool = True) -> None:
        """Raise AccessDenied when the role cannot be assumed that way."""
        ...

    async def fetch_principal(self) -> str:
        """Give the ARN of our own identity, which customers' trust policies must name."""
        ...


class Notifier(Protocol):
    """Slack, outbound."""

    async def post_card(
        self, tenant_id: str, channel_id: str, anomaly: Anomaly, account: AwsAccount, *, may_repeat: bool
    ) -> SlackMessage: ...

    async def update_card(
        self, tenant_id: str, message: SlackMessage, anomaly: Anomaly, account: AwsAccount, *, may_repeat: bool
    ) -> None: ...

    async def find_card(self, tenant_id: str, channel_id: str, anomaly_id: str, since: datetime) -> SlackMessage | None:
        """Look for the card in the channel's history; AccessDenied when the scope for that was not granted."""
        ...


class WorkQueue(Protocol):
    """Work in order within each account, accounts side by side."""

    async def put(self, item: WorkItem) -> None:
        """Accept the item; an equal one that still waits makes it superfluous."""
        ...

    async def put_all(self, items: Sequence[WorkItem]) -> None:
        """Accept many items, those of one account in their order; raise UpstreamError when some were not accepted."""
        ...


class DeadLetters(Protocol):
    """Work that was given up after its last try."""

    async def count_dead(self) -> int: ...


class Leases(Protocol):
    """Rights that one process holds at a time and that end by themselves, by a clock that all of them share."""

    async def acquire(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Take the lease when nobody holds it; None when somebody does, be it ``holder`` itself."""
        ...

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Hold on for so many seconds from now; False when the lease ended meanwhile, and must be acquired anew."""
        ...

    async def release(self, lease: Lease) -> None:
        """Let the next one have it at once; one that was lost already stays with whoever has it."""
        ...

"""Records on their way to their effects: where they come from, wait, and take effect."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Protocol

from engine.account_state import Changes, Loaded
from engine.models.account import AwsAccount
from engine.models.inbox import InboxBatch
from engine.models.work import WorkItem


class CloudTrailSource(Protocol):
    """CloudTrail's LookupEvents, through the customer's role."""

    def lookup(
        self, account: AwsAccount, region: str, start: datetime, end: datetime
    ) -> AsyncGenerator[Sequence[bytes], None]:
        """Pages of raw write records (JSON bytes) in ``[start, end]``, newest first, the window frozen while paging."""
        ...

    async def fetch_regions(self, account: AwsAccount) -> tuple[str, ...]:
        """The Regions enabled in the account."""
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


class SetAside(Protocol):
    """Batches that could not take effect."""

    async def count_set_aside(self, tenant_id: str) -> dict[str, int]:
        """Account id -> how many of its batches were set aside, for those that have any."""
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

"""Idle resources: where they are looked for, and where they are kept."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from engine.models.account import AwsAccount
from engine.models.audit import AuditRecord
from engine.models.zombie_ask import ZombieAsk
from engine.zombies.lessons import Lessons
from engine.zombies.models import (
    Batch,
    Covered,
    Described,
    Finding,
    FindingStatus,
    KnownFinding,
    Owner,
    Scan,
    Series,
    Totals,
    Trouble,
    ZombieVerdict,
)
from engine.zombies.thresholds import Thresholds


class ZombieSource(Protocol):
    """AWS, described and measured through the customer's role; nothing is changed."""

    def look(
        self, account: AwsAccount, regions: Sequence[str], now: datetime, limits: Thresholds
    ) -> AsyncGenerator[Batch | Covered | Trouble, None]:
        """What there is, in any order; each family of each Region ends with Covered or Trouble."""
        ...


class BirthSource(Protocol):
    """CloudWatch, asked through the customer's role about a few resources; nothing is changed."""

    async def measure_births(
        self, account: AwsAccount, region: str, resources: Sequence[Described], now: datetime
    ) -> Mapping[tuple[str, str], Mapping[str, Series]]:
        """One value for the whole life of each metric, by (kind, id); raises the errors of ``engine.errors``."""
        ...


class ZombieRows(Protocol):
    """Findings, and the last scan of each account."""

    async def begin_scan(
        self, tenant_id: str, account_id: str, now: datetime, *, ended_before: datetime, begun_before: datetime
    ) -> bool:
        """Take an account's scan if it is due, for one process."""
        ...

    async def fail_scan(self, tenant_id: str, account_id: str, began_at: datetime, error: str) -> None:
        """Note why it came to nothing."""
        ...

    async def end_scan(self, tenant_id: str, scan: Scan) -> None: ...

    async def find_scans(self, tenant_id: str) -> list[Scan]: ...

    async def find_known(self, tenant_id: str, account_id: str) -> list[KnownFinding]: ...

    async def find_creators(self, tenant_id: str, account_id: str, keys: Sequence[str]) -> Mapping[str, Owner]: ...

    async def save_findings(self, tenant_id: str, findings: Sequence[Finding]) -> None: ...

    async def close_findings(
        self, tenant_id: str, finding_ids: Sequence[str], status: FindingStatus, now: datetime
    ) -> int: ...

    async def find_lessons(self, tenant_id: str, account_id: str) -> Lessons: ...

    async def find_page(
        self, tenant_id: str, account_id: str | None, now: datetime, *, skip: int, limit: int, hidden: bool = False
    ) -> list[Finding]: ...

    async def sum_open(
        self, tenant_id: str, account_id: str | None, now: datetime, *, hidden: bool = False
    ) -> Totals: ...

    async def sum_new(self, tenant_id: str, account_id: str | None, now: datetime, since: datetime) -> Totals: ...

    async def sum_saved(self, tenant_id: str, account_id: str | None, since: datetime) -> Totals: ...

    async def find_finding(self, tenant_id: str, finding_id: str) -> Finding:
        """Raise NotFound when this tenant has none of that id."""
        ...

    async def record_verdict(
        self, tenant_id: str, before: Finding, verdict: ZombieVerdict | None, record: AuditRecord
    ) -> None:
        """Set what somebody says of it; Conflict where somebody else was faster."""
        ...


class ZombieAskRows(Protocol):
    """Who waits to be told of idle resources."""

    async def insert_ask(self, tenant_id: str, ask: ZombieAsk) -> None: ...

    async def find_asks(self, tenant_id: str, user_id: str) -> list[ZombieAsk]: ...

    async def delete_ask(self, tenant_id: str, ask_id: str) -> None: ...

"""What people ask and say about idle resources."""

from datetime import datetime, timedelta

import msgspec

from engine.errors import Conflict, InputError
from engine.models.audit import AuditAction, AuditRecord
from engine.zombies.models import Finding, FindingStatus, Scan, Totals, VerdictKind, ZombieVerdict
from services.account_names import choose_accounts
from services.ports import Accounts, Clock
from services.ports.zombies import ZombieRows

ROWS = 5
SAVED_SPAN = timedelta(days=30)
LONGEST_KEEP = timedelta(days=366)
_MOST_REASON = 500


class ZombieList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of findings, the dearest first. ``saved`` is what went away in the last 30 days."""

    rows: tuple[Finding, ...]
    names: dict[str, str]
    totals: Totals
    saved: Totals
    scans: tuple[Scan, ...]
    account: str
    page: int
    pages: int


class Zombies:
    """Reads findings and records verdicts; nothing is ever changed in a customer's account."""

    def __init__(self, accounts: Accounts, rows: ZombieRows, clock: Clock) -> None:
        self._accounts = accounts
        self._rows = rows
        self._clock = clock

    async def list_zombies(self, tenant_id: str, account: str, page: int, size: int = ROWS) -> ZombieList:
        """One page; behind the last stands the last. Raises InvalidCommand for an account that is not connected."""
        accounts = await self._accounts.find_accounts(tenant_id)
        account_id = choose_accounts(accounts, account)[0].account_id if account else None
        now = self._clock()
        totals = await self._rows.sum_open(tenant_id, account_id, now)
        pages = max(1, -(-totals.count // size))
        page = min(page, pages)
        rows = await self._rows.find_page(tenant_id, account_id, now, skip=(page - 1) * size, limit=size)
        return ZombieList(
            rows=tuple(rows),
            names={one.account_id: one.name for one in accounts},
            totals=totals,
            saved=await self._rows.sum_saved(tenant_id, now - SAVED_SPAN),
            scans=tuple(await self._rows.find_scans(tenant_id)),
            account=account,
            page=page,
            pages=pages,
        )

    async def judge(
        self,
        tenant_id: str,
        finding_id: str,
        kind: VerdictKind,
        by: str,
        *,
        until: datetime | None = None,
        reason: str = "",
    ) -> Finding:
        """Record what somebody says; the same again changes nothing.

        Raises NotFound, and InputError (with what to say) for one that is closed, judged otherwise by somebody else
        meanwhile, or kept without a sensible day.
        """
        now = self._clock()
        _require_sensible(kind, until, now, reason)
        found = await self._rows.find_finding(tenant_id, finding_id)
        if found.status is not FindingStatus.OPEN:
            raise InputError("Nothing changed: that is gone or used again already.")
        if found.verdict is not None and found.verdict.kind is kind and found.verdict.until == until:
            return found
        verdict = ZombieVerdict(kind=kind, by=by, at=now, reason=reason, until=until)
        details = {"zombie": finding_id, "resource": found.resource_id, "verdict": kind.value}
        record = AuditRecord(at=now, action=AuditAction.VERDICT, actor=by, account_id=found.account_id, details=details)
        try:
            await self._rows.record_verdict(tenant_id, found, verdict, record)
        except Conflict:
            raise InputError("Nothing changed: somebody else answered at the same moment.") from None
        return msgspec.structs.replace(found, verdict=verdict)


def _require_sensible(kind: VerdictKind, until: datetime | None, now: datetime, reason: str) -> None:
    if len(reason) > _MOST_REASON:
        raise InputError(f"A reason has up to {_MOST_REASON} characters.")
    if kind is not VerdictKind.KEEP:
        if until is not None:
            raise InputError("Only what is kept has a day until which it is.")
        return
    if until is None or not now < until <= now + LONGEST_KEEP:
        raise InputError(f"Say until when it is kept: a day from tomorrow on, up to {LONGEST_KEEP.days} days away.")

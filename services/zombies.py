"""What people ask and say about idle resources."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from engine.errors import Conflict
from engine.models.audit import AuditAction, AuditRecord
from engine.models.zombie_watch import ZombieRow, ZombieWatch
from engine.zombies.models import Finding, FindingStatus, Scan, VerdictKind, ZombieVerdict
from engine.zombies.report import ZombieList
from engine.zombies.rules import title_of
from services.account_names import choose_accounts
from services.ports import Accounts, Clock
from services.ports.zombies import ZombieRows
from services.zombie_asks import ZombieAsking

ROWS = 5
SAVED_SPAN = timedelta(days=30)
LONGEST_KEEP = timedelta(days=366)
_MOST_REASON = 500
_DEAREST = 3


class Zombies:
    """Reads findings and records verdicts; nothing is ever changed in a customer's account."""

    def __init__(self, accounts: Accounts, rows: ZombieRows, asking: ZombieAsking, clock: Clock) -> None:
        self._accounts = accounts
        self._rows = rows
        self._asking = asking
        self._clock = clock

    async def list_zombies(
        self, tenant_id: str, account: str, page: int, *, hidden: bool = False, asked_by: str = ""
    ) -> ZombieList:
        """One page, of an account that is named as people do. Raises InvalidCommand for one that is not connected.

        For ``asked_by`` what was not looked at within the hour is looked at again; they are told when that is done.
        """
        accounts = await self._accounts.find_accounts(tenant_id)
        chosen = choose_accounts(accounts, account) if account else accounts
        again = await self._asking.ask(tenant_id, asked_by, chosen, account) if asked_by else []
        found = await self.page(tenant_id, chosen[0].account_id if account else None, page, ROWS, hidden=hidden)
        names = {one.account_id: one.name for one in accounts}
        return msgspec.structs.replace(found, names=names, account=account, again=len(again))

    async def look_again(self, tenant_id: str, account_id: str | None) -> Sequence[str]:
        """Have all that were not looked at within the hour looked at, or one of them; gives their account ids.

        Raises NotFound for an account that is not connected.
        """
        if account_id is None:
            chosen = await self._accounts.find_accounts(tenant_id)
        else:
            chosen = [await self._accounts.find_account(tenant_id, account_id)]
        return [one.account_id for one in await self._asking.ask(tenant_id, "", chosen)]

    async def page(
        self, tenant_id: str, account_id: str | None, page: int, size: int, *, hidden: bool = False
    ) -> ZombieList:
        """One page of ``size``; behind the last stands the last. ``hidden`` are those kept and those not idle."""
        now = self._clock()
        totals = await self._rows.sum_open(tenant_id, account_id, now, hidden=hidden)
        pages = max(1, -(-totals.count // size))
        page = min(page, pages)
        skip = (page - 1) * size
        rows = await self._rows.find_page(tenant_id, account_id, now, skip=skip, limit=size, hidden=hidden)
        return ZombieList(
            rows=tuple(rows),
            totals=totals,
            saved=await self._rows.sum_saved(tenant_id, account_id, now - SAVED_SPAN),
            scans=tuple(await self.scans(tenant_id, account_id)),
            page=page,
            pages=pages,
            hidden=hidden,
        )

    async def scans(self, tenant_id: str, account_id: str | None) -> Sequence[Scan]:
        """The last look at one account, or at each."""
        scans = await self._rows.find_scans(tenant_id)
        return [one for one in scans if account_id in (None, one.account_id)]

    async def watch(self, tenant_id: str, saved_since: datetime) -> ZombieWatch | None:
        """What digests and Homes tell: the numbers of the list. None before the first look at any account."""
        if not await self._rows.find_scans(tenant_id):
            return None
        now = self._clock()
        totals, saved, rows, accounts = await asyncio.gather(
            self._rows.sum_open(tenant_id, None, now),
            self._rows.sum_saved(tenant_id, None, saved_since),
            self._rows.find_page(tenant_id, None, now, skip=0, limit=_DEAREST),
            self._accounts.find_accounts(tenant_id),
        )
        names = {one.account_id: one.name for one in accounts}
        return ZombieWatch(
            count=totals.count,
            monthly_cost=totals.monthly_cost,
            unpriced=totals.unpriced,
            dearest=tuple(_row(one, names) for one in rows),
            saved_since=saved_since,
            gone=saved.count,
            saved_usd=saved.monthly_cost,
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

        Raises NotFound, and Conflict (with what to say) for one that is closed, judged otherwise by somebody else
        meanwhile, or kept without a sensible day.
        """
        now = self._clock()
        _require_sensible(kind, until, now, reason)
        found = await self._rows.find_finding(tenant_id, finding_id)
        if found.status is not FindingStatus.OPEN:
            raise Conflict("Nothing changed: that is gone or used again already.")
        if found.verdict is not None and found.verdict.kind is kind and found.verdict.until == until:
            return found
        verdict = ZombieVerdict(kind=kind, by=by, at=now, reason=reason, until=until)
        await self._record(tenant_id, found, verdict, by, kind.value)
        return msgspec.structs.replace(found, verdict=verdict)

    async def undo(self, tenant_id: str, finding_id: str, by: str) -> Finding:
        """Take back what was said of it, with what followed from that; it is as if nobody had said anything.

        Raises NotFound, and Conflict where nothing is said, or somebody else was faster.
        """
        found = await self._rows.find_finding(tenant_id, finding_id)
        if found.verdict is None:
            raise Conflict("Nothing changed: nothing is said of that.")
        await self._record(tenant_id, found, None, by, "undo")
        return msgspec.structs.replace(found, verdict=None)

    async def _record(self, tenant_id: str, found: Finding, verdict: ZombieVerdict | None, by: str, said: str) -> None:
        details = {"zombie": found.finding_id, "resource": found.resource_id, "verdict": said}
        record = AuditRecord(
            at=self._clock(), action=AuditAction.VERDICT, actor=by, account_id=found.account_id, details=details
        )
        await self._rows.record_verdict(tenant_id, found, verdict, record)


def _row(found: Finding, names: Mapping[str, str]) -> ZombieRow:
    return ZombieRow(
        title=title_of(found.rule),
        resource_id=found.resource_id,
        account_name=names.get(found.account_id, found.account_id),
        region=found.region,
        monthly_cost=found.monthly_cost,
        name=found.name,
    )


def _require_sensible(kind: VerdictKind, until: datetime | None, now: datetime, reason: str) -> None:
    if len(reason) > _MOST_REASON:
        raise Conflict(f"A reason has up to {_MOST_REASON} characters.")
    if kind is not VerdictKind.KEEP:
        if until is not None:
            raise Conflict("Only what is kept has a day until which it is.")
        return
    if until is None or not now < until <= now + LONGEST_KEEP:
        raise Conflict(f"Say until when it is kept: a day from tomorrow on, up to {LONGEST_KEEP.days} days away.")

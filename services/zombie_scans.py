"""Looks for idle resources: once a day in every watched account, and soon after one was connected."""

import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

import msgspec

from engine.errors import NotFound, UpstreamError
from engine.models.resource import resource_key
from engine.pricing.estimate import Prices
from engine.zombies.asking import BETWEEN
from engine.zombies.judging import CHANGING, Known, judge
from engine.zombies.keeping import Keeper
from engine.zombies.lessons import Lessons, learned
from engine.zombies.models import (
    Batch,
    Covered,
    Described,
    Finding,
    FindingStatus,
    KnownFinding,
    Scan,
    Trouble,
    VerdictKind,
)
from engine.zombies.own_thresholds import limits_of
from engine.zombies.rule import HALTED, Look
from engine.zombies.rules import BY_NAME
from engine.zombies.thresholds import Thresholds
from services.ports import Accounts, Clock, SystemLookups, Tenants
from services.ports.zombies import ZombieRows, ZombieSource

_log = logging.getLogger(__name__)
_EVERY = timedelta(days=1)
# A scan takes minutes; one that began so long ago died with its process.
_PATIENCE = timedelta(hours=1)
_MOST_TROUBLES = 100


class _Progress:
    """What one scan has seen so far."""

    def __init__(self, known: Sequence[KnownFinding], lessons: Lessons, limits: Thresholds) -> None:
        self.limits = limits
        self.lessons = lessons
        self.known = known
        self.known_ids = frozenset(one.finding_id for one in known)
        self.keeper = Keeper(self.known_ids)
        self.known_resources = {(one.region, one.kind, one.resource_id) for one in known}
        self.present: set[tuple[str, str, str]] = set()
        self.changing: set[tuple[str, str, str]] = set()
        self.halted: set[tuple[str, str, str]] = set()
        self.covered: set[tuple[str, str]] = set()
        self.troubles: list[Trouble] = []
        self.resources = 0

    def see(self, resources: Sequence[Described]) -> None:
        """Note what is there of what was found before, and how it stands."""
        self.resources += len(resources)
        for one in resources:
            name = (one.region, one.kind, one.resource_id)
            if name in self.known_resources:
                self.present.add(name)
                if CHANGING in one.traits:
                    self.changing.add(name)
                if HALTED in one.traits:
                    self.halted.add(name)

    def add(self, finding: Finding) -> None:
        """Keep a finding as people's words leave it; a known one stays, for these may be taken back."""
        taught = learned(finding, self.lessons)
        if taught is not None:
            self.keeper.add(taught)
        elif finding.finding_id in self.known_ids:
            self.keeper.add(finding)


class ZombieScans:
    """Findings are saved before the scan is said to have ended, so a crash only means that it is done again."""

    def __init__(
        self,
        *,
        lookups: SystemLookups,
        tenants: Tenants,
        accounts: Accounts,
        source: ZombieSource,
        rows: ZombieRows,
        prices: Prices,
        clock: Clock,
    ) -> None:
        self._lookups = lookups
        self._tenants = tenants
        self._accounts = accounts
        self._source = source
        self._rows = rows
        self._prices = prices
        self._clock = clock

    async def scan_due(self) -> int:
        """Scan every account whose turn it is, one after the other; gives how many were scanned."""
        done = 0
        for tenant_id, account_id in await self._lookups.find_due_accounts():
            done += await self.scan_if_due(tenant_id, account_id)
        return done

    async def scan_if_due(self, tenant_id: str, account_id: str) -> bool:
        """Scan an account unless that was done within a day or somebody does; False where nothing was scanned."""
        now = self._clock()
        due = await self._rows.begin_scan(
            tenant_id, account_id, now, ended_before=now - _EVERY, begun_before=now - _PATIENCE
        )
        return due and await self._scan(tenant_id, account_id, now)

    async def scan_again(self, tenant_id: str, account_id: str) -> bool:
        """The same for whom asks: unless it was begun within the hour, whatever came of it."""
        now = self._clock()
        due = await self._rows.begin_scan(tenant_id, account_id, now, ended_before=now, begun_before=now - BETWEEN)
        return due and await self._scan(tenant_id, account_id, now)

    async def _scan(self, tenant_id: str, account_id: str, now: datetime) -> bool:
        """One account's failure is no other's."""
        try:
            scan = await self.scan(tenant_id, account_id, now)
        except NotFound:
            _log.info("account %s left while it was looked at", account_id)
        except UpstreamError as error:
            _log.warning("account %s: could not be looked at for idle resources: %s", account_id, error)
            await self._rows.fail_scan(tenant_id, account_id, now, str(error))
        except Exception as error:
            _log.exception("account %s could not be looked at for idle resources", account_id)
            text = f"an error in dd0c/cost ({type(error).__name__}), see its log"
            await self._rows.fail_scan(tenant_id, account_id, now, text)
        else:
            _log.info("account %s: %d resources looked at, %d troubles", account_id, scan.resources, len(scan.troubles))
            return True
        return False

    async def scan(self, tenant_id: str, account_id: str, began_at: datetime) -> Scan:
        """Look at an account, and save what is idle; what is so no more is closed."""
        account = await self._accounts.find_account(tenant_id, account_id)
        limits = limits_of((await self._tenants.find_tenant(tenant_id)).zombie_thresholds)
        lessons = await self._rows.find_lessons(tenant_id, account_id)
        progress = _Progress(await self._rows.find_known(tenant_id, account_id), lessons, limits)
        looks = self._source.look(account, account.regions, began_at, limits)
        async with aclosing(looks):
            async for piece in looks:
                match piece:
                    case Batch():
                        await self._judge(tenant_id, account_id, piece, began_at, progress)
                    case Covered():
                        progress.covered.add((piece.region, piece.family))
                    case Trouble():
                        progress.troubles.append(piece)
        # While it was looked at, the account may have left.
        await self._accounts.find_account(tenant_id, account_id)
        return await self._save(tenant_id, account_id, began_at, progress)

    async def _judge(self, tenant_id: str, account_id: str, batch: Batch, now: datetime, progress: _Progress) -> None:
        progress.see(batch.resources)
        known = Known(account_id, self._prices, {})
        looks = [Look(one, batch.series.get(one.resource_id, {}), now, progress.limits) for one in batch.resources]
        idle = [look for look in looks if judge(known, look) is not None]
        if not idle:
            return
        ids = {_key(look): (look.resource.region, *look.resource.known_as) for look in idle}
        creators = await self._rows.find_creators(tenant_id, account_id, list(ids))
        owned = msgspec.structs.replace(known, creators={ids[key]: owner for key, owner in creators.items()})
        for look in idle:
            found = judge(owned, look)
            if found is not None:
                progress.add(msgspec.structs.replace(found, family=batch.family))

    async def _save(self, tenant_id: str, account_id: str, began_at: datetime, progress: _Progress) -> Scan:
        findings = progress.keeper.findings()
        await self._rows.save_findings(tenant_id, findings)
        gone, used = _ended(progress, findings)
        now = self._clock()
        await self._rows.close_findings(tenant_id, gone, FindingStatus.GONE, now)
        await self._rows.close_findings(tenant_id, used, FindingStatus.USED, now)
        scan = Scan(
            account_id=account_id,
            began_at=began_at,
            ended_at=now,
            resources=progress.resources,
            troubles=tuple(progress.troubles[:_MOST_TROUBLES]),
            rest=progress.keeper.rest(),
        )
        await self._rows.end_scan(tenant_id, scan)
        return scan


def _key(look: Look) -> str:
    return resource_key(look.resource.region, *look.resource.known_as)


def _ended(progress: _Progress, findings: Sequence[Finding]) -> tuple[list[str], list[str]]:
    """Ids of what is gone and of what is used again, among the families that were looked at whole.

    What is on its way between two states is neither. What was stopped as its rule proposes costs no more of what was
    counted, which is as good as gone; once it is started again, it is found again.
    """
    found = {one.finding_id for one in findings}
    gone: list[str] = []
    used: list[str] = []
    for one in progress.known:
        name = (one.region, one.kind, one.resource_id)
        if one.finding_id in found or (one.region, one.family) not in progress.covered or name in progress.changing:
            continue
        is_halted = name in progress.halted and one.rule in BY_NAME and BY_NAME[one.rule].halts
        is_used = name in progress.present and not is_halted and not _is_changed(one)
        (used if is_used else gone).append(one.finding_id)
    return gone, used


def _is_changed(ended: KnownFinding) -> bool:
    """Whether what its rule proposed was a change, which somebody planned and now is made."""
    is_planned = ended.verdict is not None and ended.verdict.kind is VerdictKind.DELETE_PLANNED
    return is_planned and ended.rule in BY_NAME and not BY_NAME[ended.rule].ends

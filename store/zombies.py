"""Idle resources that were found, what people said of them, and when each account was looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import UpdateOne

from engine.errors import Conflict, NotFound
from engine.models.audit import AuditRecord
from engine.zombies.lessons import Lessons, Opinions
from engine.zombies.models import (
    Finding,
    FindingStatus,
    KnownFinding,
    Owner,
    Scan,
    Totals,
    VerdictKind,
    ZombieVerdict,
)
from store.audit import Audit
from store.codec import Document, clean, decode, encode, plain, within
from store.database import NEWEST_FIRST, Database, find_all, write_all
from store.errors import translated
from store.transactions import Session

_AT_ONCE = 200
_PEOPLES = ("found_at", "verdict", "schema_version")


class Zombies:
    """The collections ``zombies`` and ``zombie_scans``."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._zombies = database.zombies
        self._scans = database.zombie_scans

    @translated
    async def begin_scan(
        self, tenant_id: str, account_id: str, now: datetime, *, ended_before: datetime, begun_before: datetime
    ) -> bool:
        """Take an account's scan if it is due, for one process; a scan that never ended was begun long before."""
        row = within(tenant_id, account_id=account_id)
        fresh = encode(tenant_id, Scan(account_id=account_id, began_at=now))
        made = await self._scans.update_one(row, {"$setOnInsert": fresh}, upsert=True)
        if made.upserted_id is not None:
            return True
        due = {"$or": [{"ended_at": {"$lt": ended_before}}, {"ended_at": None}], "began_at": {"$lt": begun_before}}
        taken = await self._scans.update_one({**row, **due}, {"$set": {"began_at": now, "error": ""}})
        return bool(taken.matched_count)

    @translated
    async def fail_scan(self, tenant_id: str, account_id: str, began_at: datetime, error: str) -> None:
        """Note why it came to nothing, unless another one began meanwhile; when it was done last stays."""
        row = within(tenant_id, account_id=account_id, began_at=began_at)
        await self._scans.update_one(row, {"$set": {"error": clean(error)}})

    @translated
    async def end_scan(self, tenant_id: str, scan: Scan) -> None:
        """Note that it ended, unless another one began meanwhile."""
        row = within(tenant_id, account_id=scan.account_id, began_at=scan.began_at)
        await self._scans.update_one(row, {"$set": plain(scan)})

    @translated
    async def find_scans(self, tenant_id: str) -> list[Scan]:
        """The last scan of each account."""
        return await find_all(self._scans, Scan, within(tenant_id))

    @translated
    async def find_known(self, tenant_id: str, account_id: str) -> list[KnownFinding]:
        """The open findings of an account, whatever was said of them."""
        query = within(tenant_id, account_id=account_id, status=FindingStatus.OPEN.value)
        fields = dict.fromkeys(KnownFinding.__struct_fields__, 1)
        return [decode(KnownFinding, row) async for row in self._zombies.find(query, fields)]

    @translated
    async def find_creators(self, tenant_id: str, account_id: str, keys: Sequence[str]) -> Mapping[str, Owner]:
        """Resource key -> who started it, for those that our own records know."""
        query = within(tenant_id, account_id=account_id, resource_id={"$in": list(keys)})
        fields = {"resource_id": 1, "actor_key": 1}
        return {
            row["resource_id"]: Owner(row["actor_key"].rpartition("/")[2], "created it", row["actor_key"])
            async for row in self._database.resources.find(query, fields)
        }

    @translated
    async def save_findings(self, tenant_id: str, findings: Sequence[Finding]) -> None:
        """Open them, or note that they were seen again; when each was found first and what people said stays."""
        for first in range(0, len(findings), _AT_ONCE):
            some = findings[first : first + _AT_ONCE]
            await write_all(self._zombies, [_upsert(tenant_id, one) for one in some], None)

    @translated
    async def close_findings(
        self, tenant_id: str, finding_ids: Sequence[str], status: FindingStatus, now: datetime
    ) -> int:
        """Close those that are open; gives how many."""
        query = within(tenant_id, finding_id={"$in": list(finding_ids)}, status=FindingStatus.OPEN.value)
        closed = await self._zombies.update_many(query, {"$set": {"status": status.value, "closed_at": now}})
        return closed.modified_count

    @translated
    async def find_lessons(self, tenant_id: str, account_id: str) -> Lessons:
        """What people said: of an account's resources, and of each rule in all accounts."""
        fields = {"region": 1, "kind": 1, "resource_id": 1}
        of_account = within(tenant_id, account_id=account_id, **{"verdict.kind": VerdictKind.NOT_IDLE.value})
        rows = self._zombies.find(of_account, fields)
        not_idle = frozenset([(row["region"], row["kind"], row["resource_id"]) async for row in rows])
        wrong = {"$eq": ["$verdict.kind", VerdictKind.NOT_IDLE.value]}
        planned = {"$eq": ["$verdict.kind", VerdictKind.DELETE_PLANNED.value]}
        right = {"$and": [{"$not": wrong}, {"$or": [planned, {"$eq": ["$status", FindingStatus.GONE.value]}]}]}
        sums = {"_id": "$rule", "wrong": {"$sum": _as_one(wrong)}, "right": {"$sum": _as_one(right)}}
        by_rule = self._zombies.aggregate([{"$match": within(tenant_id)}, {"$group": sums}])
        return Lessons(not_idle, {row["_id"]: Opinions(row["wrong"], row["right"]) async for row in by_rule})

    @translated
    async def find_page(
        self, tenant_id: str, account_id: str | None, now: datetime, *, skip: int, limit: int, hidden: bool = False
    ) -> list[Finding]:
        """Open findings that people want to see, or those they want hidden, the dearest first."""
        sort = {"monthly_cost": NEWEST_FIRST, "finding_id": 1}
        query = _listed(tenant_id, account_id, now, hidden=hidden)
        return await find_all(self._zombies, Finding, query, sort=sort, skip=skip, limit=limit)

    @translated
    async def sum_open(self, tenant_id: str, account_id: str | None, now: datetime, *, hidden: bool = False) -> Totals:
        """Count and add up what ``find_page`` gives."""
        return await self._sum(_listed(tenant_id, account_id, now, hidden=hidden))

    @translated
    async def sum_new(self, tenant_id: str, account_id: str | None, now: datetime, since: datetime) -> Totals:
        """Count and add up those of them that were found first since then."""
        listed = _listed(tenant_id, account_id, now, hidden=False)
        return await self._sum({**listed, "found_at": {"$gte": since}})

    @translated
    async def sum_saved(self, tenant_id: str, account_id: str | None, since: datetime) -> Totals:
        """Count and add up what went away since then, in one account or in all."""
        gone: Document = {"status": FindingStatus.GONE.value, "closed_at": {"$gte": since}}
        return await self._sum(within(tenant_id, **gone, **_of_account(account_id)))

    async def _sum(self, query: Document) -> Totals:
        unpriced = {"$cond": [{"$eq": ["$monthly_cost", None]}, 1, 0]}
        sums = {"_id": None, "count": {"$sum": 1}, "usd": {"$sum": "$monthly_cost"}, "unpriced": {"$sum": unpriced}}
        rows = self._zombies.aggregate([{"$match": query}, {"$group": sums}])
        found = [Totals(row["count"], float(row["usd"]), row["unpriced"]) async for row in rows]
        return found[0] if found else Totals()

    @translated
    async def find_finding(self, tenant_id: str, finding_id: str) -> Finding:
        """Raise NotFound when this tenant has none of that id."""
        document = await self._zombies.find_one(within(tenant_id, finding_id=finding_id))
        if document is None:
            raise NotFound(f"There is no idle resource {finding_id!r}.")
        return decode(Finding, document)

    @translated
    async def record_verdict(
        self, tenant_id: str, before: Finding, verdict: ZombieVerdict | None, record: AuditRecord
    ) -> None:
        """Set what somebody says of it, with a record; Conflict where somebody else was faster."""
        said = plain(before)["verdict"]

        async def write(session: Session | None) -> None:
            row = within(tenant_id, finding_id=before.finding_id, verdict=said)
            change = {"$set": {"verdict": plain(verdict) if verdict else None}}
            if not (await self._zombies.update_one(row, change, session=session)).matched_count:
                raise Conflict("Nothing changed: somebody else answered at the same moment.")
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)


def _upsert(tenant_id: str, finding: Finding) -> UpdateOne:
    document = encode(tenant_id, finding)
    first = {name: document.pop(name) for name in _PEOPLES}
    row = within(tenant_id, finding_id=finding.finding_id)
    return UpdateOne(row, {"$set": document, "$setOnInsert": first}, upsert=True)


def _of_account(account_id: str | None) -> Document:
    return {"account_id": account_id} if account_id else {}


def _as_one(condition: Document) -> Document:
    return {"$cond": [condition, 1, 0]}


def _listed(tenant_id: str, account_id: str | None, now: datetime, *, hidden: bool) -> Document:
    """Open, and neither kept until later nor said not to be idle; or one of these two."""
    is_open: Document = {"status": FindingStatus.OPEN.value}
    not_idle: Document = {"verdict.kind": VerdictKind.NOT_IDLE.value}
    kept = {"verdict.kind": VerdictKind.KEEP.value, "verdict.until": {"$gt": now}}
    of_account = _of_account(account_id)
    if hidden:
        # What is not idle stays so while it is used, and may be called idle again.
        there = {**not_idle, "status": {"$ne": FindingStatus.GONE.value}}
        return within(tenant_id, **of_account, **{"$or": [there, {**kept, **is_open}]})
    return within(tenant_id, **is_open, **of_account, **{"$nor": [not_idle, kept]})

"""The collection ``flags_state``: breakers of rules on trial, and what they count."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.audit import ITSELF, OPERATOR, AuditAction, AuditRecord
from engine.models.breaker import EVERYWHERE, Breaker, Scope
from store.audit import Audit
from store.codec import Document, decode, encode, within
from store.database import Database
from store.errors import translated
from store.system import System
from store.transactions import Session


class Breakers:
    """One row for each rule and scope; the scope of the whole installation belongs to the tenant ''."""

    def __init__(self, database: Database, system: System, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._rows = database.flags_state
        self._anomalies = database.anomalies
        self._system = system

    @translated
    async def find_open(self, tenant_id: str, account_id: str) -> frozenset[str]:
        """The rules that are switched off for this account or everywhere."""
        scopes = [_key("", Scope(tenant_id, account_id)), _key("", EVERYWHERE)]
        found: set[str] = set()
        for scope in scopes:
            del scope["flag"]
            found |= {row["flag"] async for row in self._rows.find({**scope, "closed_at": None}, {"flag": 1})}
        return frozenset(found)

    @translated
    async def find_breaker(self, flag: str, scope: Scope) -> Breaker | None:
        """One breaker, None when it never opened."""
        found = await self._rows.find_one(_key(flag, scope))
        return decode(Breaker, found) if found else None

    async def find_breakers(self) -> list[Breaker]:
        """All of the installation, the newest first."""
        return await self._system.find_breakers()

    @translated
    async def open(self, breaker: Breaker) -> None:
        """Switch a rule off, with an entry in the audit log; what is off stays off since when it was."""
        key = _key(breaker.flag, breaker.scope)
        fields = {**encode(breaker.scope.tenant_id, breaker), **key}
        details: dict[str, str | int] = {
            "flag": breaker.flag,
            "in_hour": breaker.in_hour,
            "allowed": f"{breaker.allowed:.1f}",
        }

        async def write(session: Session | None) -> None:
            known = await self._rows.find_one(key, session=session)
            if known is not None and known["closed_at"] is None:
                return
            as_known = {**key, "closed_at": known and known["closed_at"]}
            await self._rows.update_one(as_known, {"$set": fields}, upsert=True, session=session)
            record = _record(AuditAction.BREAKER_OPENED, ITSELF, breaker, breaker.opened_at, details)
            await self._audit.add(breaker.scope.tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def close(self, breaker: Breaker, now: datetime) -> None:
        """Switch a rule on again, with an entry in the audit log; its hour begins anew. Once more changes nothing."""

        async def write(session: Session | None) -> None:
            still_open = {**_key(breaker.flag, breaker.scope), "closed_at": None}
            if not (
                await self._rows.update_one(still_open, {"$set": {"closed_at": now}}, session=session)
            ).matched_count:
                return
            record = _record(AuditAction.BREAKER_CLOSED, OPERATOR, breaker, now, {"flag": breaker.flag})
            await self._audit.add(breaker.scope.tenant_id, record, session)

        await self._database.transaction(write)

    async def claim_untold(self, now: datetime, lease: timedelta, since: datetime) -> Breaker | None:
        """Take one that opened since then, is open and was not told of, until the lease ends."""
        return await self._system.claim_untold_breaker(now, lease, since)

    @translated
    async def note_told(self, breaker: Breaker, now: datetime) -> None:
        """Note that the operator was told of this opening."""
        this_one = {**_key(breaker.flag, breaker.scope), "opened_at": breaker.opened_at}
        await self._rows.update_one(this_one, {"$set": {"told_at": now}})

    async def count_alerts(self, scope: Scope, *, of: str, since: datetime) -> int:
        """Alerts that the rule ``of`` raised since then."""
        return await self._count(scope, {"decision.flag": of, "detected_at": {"$gt": since}})

    async def count_others(self, scope: Scope, *, than: str, since: datetime) -> int:
        """Alerts that all but the rule ``than`` raised since then."""
        return await self._count(scope, {"decision.flag": {"$ne": than}, "detected_at": {"$gt": since}})

    @translated
    async def _count(self, scope: Scope, query: Document) -> int:
        alerts = {"decision.kind": DecisionKind.ALERT.value, **query}
        if scope == EVERYWHERE:
            return await self._system.count_anomalies(alerts)
        return await self._anomalies.count_documents(within(scope.tenant_id, account_id=scope.account_id, **alerts))

    async def find_held(self, flag: str, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants that a rule would have told, had its breaker not been open."""
        return await self._system.find_held_back(flag, limit)


def _record(
    action: AuditAction, actor: str, breaker: Breaker, at: datetime, details: Mapping[str, str | int]
) -> AuditRecord:
    """What concerns the whole installation is in the chain of the tenant ''."""
    return AuditRecord(at=at, action=action, actor=actor, account_id=breaker.scope.account_id, details=details)


def _key(flag: str, scope: Scope) -> Document:
    return within(scope.tenant_id, account_id=scope.account_id, flag=flag)

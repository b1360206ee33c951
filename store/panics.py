"""The operator's panic mode, tenant by tenant: each begins and ends in one transaction, so a crash repeats nothing."""

from collections.abc import Mapping
from datetime import datetime

from engine.governance import PANICKED
from engine.models.account import OperatorPanic, Tenant
from engine.models.audit import OPERATOR, AuditAction, AuditRecord
from engine.models.post import Post
from store.audit import Audit
from store.codec import clean, plain, within
from store.database import Database
from store.errors import translated
from store.posts import Posts
from store.silences import drop_stale, hold_unsent, judge_again
from store.system import System
from store.transactions import Session


class Panics:
    """Writes ``tenants``, and ``baselines``, ``outbox``, ``anomalies`` and ``posts`` with it."""

    def __init__(self, database: Database, audit: Audit, posts: Posts, system: System) -> None:
        self._database = database
        self._audit = audit
        self._posts = posts
        self._system = system

    async def find_to_silence(self, by: str, why: str, limit: int) -> list[Tenant]:
        """Tenants for which panic mode does not hold yet, or holds with other words."""
        return await self._system.find_tenants_to_silence(by, why, limit)

    async def find_silenced(self, limit: int) -> list[Tenant]:
        """Tenants for which panic mode holds."""
        return await self._system.find_tenants_in_panic(limit)

    @translated
    async def begin(self, tenant_id: str, panic: OperatorPanic) -> bool:
        """Stop alerting, and hold what was never sent; once it was stopped only the words change. True if it began."""

        async def write(session: Session | None) -> bool:
            anew = {"$set": {"operator_panic": plain(panic)}}
            free = within(tenant_id, operator_panic=None)
            if not (await self._database.tenants.update_one(free, anew, session=session)).matched_count:
                words = {"$set": {"operator_panic.by": clean(panic.by), "operator_panic.why": clean(panic.why)}}
                held = within(tenant_id, operator_panic={"$ne": None})
                await self._database.tenants.update_one(held, words, session=session)
                return False
            unsent = await hold_unsent(self._database, tenant_id, PANICKED, session)
            await judge_again(self._database, tenant_id, session)
            details: dict[str, str | int] = {"by": panic.by, "why": panic.why, "alerts": unsent}
            await self._audit.add(tenant_id, _record(AuditAction.PANIC_BEGAN, panic.since, details), session)
            return True

        return await self._database.transaction(write)

    @translated
    async def end(
        self, tenant_id: str, now: datetime, notice: Post | None, *, paused: bool, untold_since: datetime | None
    ) -> bool:
        """Alert again, and put the summary on its way; False where somebody was faster, or ``paused`` is wrong by now.

        Where the tenant itself is paused, ``untold_since`` says from when on that pause's summary has to tell. Digests
        and replies that were held are dropped: their time is over, and the summary and the next ones tell of it.
        """

        async def write(session: Session | None) -> bool:
            query = within(tenant_id, operator_panic={"$ne": None}, panic_mode=True if paused else {"$ne": True})
            ended = {"$set": {"operator_panic": None, "untold_since": untold_since}}
            if not (await self._database.tenants.update_one(query, ended, session=session)).matched_count:
                return False
            await drop_stale(self._database, tenant_id, now, session)
            if notice is not None:
                await self._posts.add(tenant_id, notice, session)
            await judge_again(self._database, tenant_id, session)
            await self._audit.add(tenant_id, _record(AuditAction.PANIC_ENDED, now, {}), session)
            return True

        return await self._database.transaction(write)


def _record(action: AuditAction, now: datetime, details: Mapping[str, str | int]) -> AuditRecord:
    return AuditRecord(at=now, action=action, actor=OPERATOR, details=details)

"""Pausing a tenant's alerts: everything that follows from it, in one transaction."""

from collections.abc import Mapping
from datetime import datetime

from engine.governance import PAUSED
from engine.models.audit import AuditAction, AuditRecord
from engine.models.post import Post
from store.audit import Audit
from store.codec import Document, clean, within
from store.database import Database
from store.errors import translated
from store.posts import Posts
from store.silences import drop_stale, hold_unsent, judge_again
from store.transactions import Session


class Pauses:
    """Writes ``tenants``, and ``baselines``, ``outbox``, ``anomalies`` and ``posts`` with it."""

    def __init__(self, database: Database, audit: Audit, posts: Posts) -> None:
        self._database = database
        self._audit = audit
        self._posts = posts

    @translated
    async def pause(self, tenant_id: str, user_id: str, now: datetime, notice: Post | None) -> int | None:
        """Stop alerting; cards that were never sent are not, and what they spoke of is logged. Gives how many.

        The notice is put on its way with it. None says that somebody else was faster, and that nothing was done.
        """

        async def write(session: Session | None) -> int | None:
            paused = {"panic_mode": True, "paused_at": now, "paused_by": clean(user_id)}
            if not await self._set(within(tenant_id, panic_mode={"$ne": True}), paused, notice, session):
                return None
            held = await hold_unsent(self._database, tenant_id, PAUSED, session)
            record = _record(AuditAction.ALERTING_PAUSED, user_id, now, {"alerts": held})
            await self._audit.add(tenant_id, record, session)
            return held

        return await self._database.transaction(write)

    @translated
    async def resume(
        self,
        tenant_id: str,
        user_id: str,
        now: datetime,
        notice: Post | None,
        *,
        in_panic: bool = False,
        untold_since: datetime | None = None,
    ) -> bool:
        """End the pause, and put the notice on its way; False where it had ended. What is old news by then is dropped.

        ``in_panic`` says whether the operator's panic mode goes on, and ``untold_since`` from when on its summary has
        to tell then. Where that is not so any more, False too.
        """

        async def write(session: Session | None) -> bool:
            in_force = {"$ne": None} if in_panic else None
            query = within(tenant_id, panic_mode=True, operator_panic=in_force)
            ended = {"panic_mode": False, "paused_at": None, "paused_by": "", "untold_since": untold_since}
            if not await self._set(query, ended, notice, session):
                return False
            if not in_panic:
                await drop_stale(self._database, tenant_id, now, session)
            await self._audit.add(tenant_id, _record(AuditAction.ALERTING_RESUMED, user_id, now, {}), session)
            return True

        return await self._database.transaction(write)

    async def _set(self, query: Document, changes: Document, notice: Post | None, session: Session | None) -> bool:
        """Only whoever changes it tells of it, so that of two at once one notice comes."""
        if not (await self._database.tenants.update_one(query, {"$set": changes}, session=session)).matched_count:
            return False
        if notice is not None:
            await self._posts.add(query["tenant_id"], notice, session)
        await judge_again(self._database, query["tenant_id"], session)
        return True


def _record(action: AuditAction, user_id: str, now: datetime, details: Mapping[str, int]) -> AuditRecord:
    """``alerts`` among the details counts the cards that were never sent, and are not any more."""
    return AuditRecord(at=now, action=action, actor=user_id, details=details)

"""Pausing a tenant's alerts: everything that follows from it, in one transaction."""

from datetime import datetime

from engine.governance import PAUSED
from engine.models.anomaly import DecisionKind
from engine.models.audit import AuditAction, AuditRecord
from engine.models.delivery import DeliveryState
from engine.models.post import Post
from store.audit import Audit
from store.codec import Document, clean, within
from store.database import Database
from store.errors import translated
from store.posts import Posts
from store.transactions import Session

_LOGGED = {"decision.kind": DecisionKind.LOG.value, "decision.reason": PAUSED}
_UNSENT: Document = {"state": DeliveryState.PENDING.value, "claimed_until": None, "message_ts": ""}


class Pauses:
    """Writes ``tenants``, and ``baselines``, ``outbox`` and ``anomalies`` with it.

    The version of every account moves, so a batch that was judged before is judged again by what holds now.
    """

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
            if not await self._set(tenant_id, paused, notice, session):
                return None
            rows = self._database.outbox.find(within(tenant_id, **_UNSENT), {"anomaly_id": 1}, session=session)
            held = [row["anomaly_id"] async for row in rows]
            named = within(tenant_id, anomaly_id={"$in": held})
            await self._database.outbox.delete_many(named, session=session)
            changes = {"$set": _LOGGED, "$inc": {"revision": 1}}
            await self._database.anomalies.update_many(named, changes, session=session)
            await self._audit.add(tenant_id, _record(AuditAction.ALERTING_PAUSED, user_id, now), session)
            return len(held)

        return await self._database.transaction(write)

    @translated
    async def resume(self, tenant_id: str, user_id: str, now: datetime, notice: Post | None) -> bool:
        """Alert again, and put the notice on its way; False where somebody else was faster."""

        async def write(session: Session | None) -> bool:
            if not await self._set(
                tenant_id, {"panic_mode": False, "paused_at": None, "paused_by": ""}, notice, session
            ):
                return False
            await self._audit.add(tenant_id, _record(AuditAction.ALERTING_RESUMED, user_id, now), session)
            return True

        return await self._database.transaction(write)

    async def _set(self, tenant_id: str, changes: Document, notice: Post | None, session: Session | None) -> bool:
        """Only whoever changes it tells of it, so that of two at once one notice comes."""
        other = within(tenant_id, panic_mode={"$ne": changes["panic_mode"]})
        if not (await self._database.tenants.update_one(other, {"$set": changes}, session=session)).matched_count:
            return False
        if notice is not None:
            await self._posts.add(tenant_id, notice, session)
        await self._database.baselines.update_many(within(tenant_id), {"$inc": {"version": 1}}, session=session)
        return True


def _record(action: AuditAction, user_id: str, now: datetime) -> AuditRecord:
    return AuditRecord(at=now, action=action, actor=user_id)

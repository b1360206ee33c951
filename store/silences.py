"""What follows where a tenant is told of nothing any more, or of everything again, whoever decided that."""

from datetime import datetime

from engine.digests import LATEST
from engine.models.anomaly import DecisionKind
from engine.models.delivery import DeliveryState
from store.codec import Document, within
from store.database import Database
from store.transactions import Session

_STALE = ["digest", "joined"]
_OPEN = [DeliveryState.PENDING.value, DeliveryState.UNCERTAIN.value]
_UNSENT: Document = {"state": DeliveryState.PENDING.value, "claimed_until": None, "message_ts": ""}


async def hold_unsent(database: Database, tenant_id: str, reason: str, session: Session | None) -> int:
    """Take cards that were never sent out of the outbox, and log what they spoke of for this reason; gives how many.

    A rule on trial has no more to do with it: the summary at the end tells it, and no replay may tell it again.
    """
    rows = database.outbox.find(within(tenant_id, **_UNSENT), {"anomaly_id": 1}, session=session)
    held = [row["anomaly_id"] async for row in rows]
    named = within(tenant_id, anomaly_id={"$in": held})
    await database.outbox.delete_many(named, session=session)
    logged = {"decision.kind": DecisionKind.LOG.value, "decision.reason": reason, "decision.flag": ""}
    await database.anomalies.update_many(named, {"$set": logged, "$inc": {"revision": 1}}, session=session)
    return len(held)


async def drop_stale(database: Database, tenant_id: str, now: datetime, session: Session | None) -> None:
    """Forget digests and replies that waited for the silence to end: the summary tells of that time.

    A digest whose time is not long over is made anew. What may stand in the channel already, and mails, are forgotten
    only when no digest would be made any more.
    """
    waiting = {"content.type": {"$in": _STALE}, "state": DeliveryState.PENDING.value}
    late = {"content.type": {"$in": [*_STALE, "digest_mail"]}, "state": {"$in": _OPEN}}
    either = [waiting, {**late, "created_at": {"$lte": now - LATEST}}]
    await database.posts.delete_many(within(tenant_id, claimed_until=None, **{"$or": either}), session=session)


async def judge_again(
    database: Database, tenant_id: str, session: Session | None, *, account_id: str | None = None
) -> None:
    """Move the version of every account, or of one: a batch that was judged before is judged by what holds now."""
    one = {} if account_id is None else {"account_id": account_id}
    await database.baselines.update_many(within(tenant_id, **one), {"$inc": {"version": 1}}, session=session)

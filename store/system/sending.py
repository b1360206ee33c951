"""Look-ups over all tenants: what is due to be sent, taken by one sender at a time."""

from collections.abc import Collection
from datetime import datetime, timedelta

from engine.models.delivery import Delivery, DeliveryState
from engine.models.home import Home
from engine.models.post import DigestMail, Post
from engine.models.webhook import Changed, WebhookDelivery
from store.codec import decode
from store.database import OLDEST_FIRST, Database
from store.errors import translated
from store.system.claims import claim, claim_home, claimable, claimable_home, claimed, of_others, unsent

_MAIL = DigestMail.__struct_config__.tag


class SystemSending:
    """Cards, posts, webhooks and Homes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translated
    async def claim_due_delivery(
        self, now: datetime, lease_seconds: float, without: Collection[str] = ()
    ) -> tuple[str, Delivery] | None:
        """Take the (tenant id, delivery) due longest until the lease ends, ``without`` those of these tenants."""
        document = await self._database.outbox.find_one_and_update(
            {**claimable(now), **of_others(without)}, claim(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], claimed(Delivery, document)) if document else None

    @translated
    async def make_steps_due(self, now: datetime, limit: int) -> int:
        """Make sent cards due whose ``steps_at`` has come, longest ago first; return how many.

        What such a card shows counts as one revision behind, for the anomaly itself has not changed.
        """
        if limit <= 0:
            return 0
        due = {"state": DeliveryState.SENT.value, "steps_at": {"$lte": now}}
        found = self._database.outbox.find(due, {"_id": 1}, sort=[("steps_at", OLDEST_FIRST)], limit=limit)
        ids = [document["_id"] async for document in found]
        again = {"state": DeliveryState.PENDING.value, "due_at": now, "steps_at": None, "trace": ""}
        update = {"$set": again, "$inc": {"shown": -1}}
        return (await self._database.outbox.update_many({**due, "_id": {"$in": ids}}, update)).modified_count

    @translated
    async def claim_due_post(
        self, now: datetime, lease_seconds: float, without: Collection[str] = (), *, by_mail: bool = False
    ) -> tuple[str, Post] | None:
        """Take the (tenant id, post) due longest until the lease ends, ``without`` those of these tenants."""
        kind = {"content.type": _MAIL if by_mail else {"$ne": _MAIL}}
        document = await self._database.posts.find_one_and_update(
            {**unsent(now), **of_others(without), **kind}, claim(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], claimed(Post, document)) if document else None

    @translated
    async def claim_due_webhook(self, now: datetime, lease_seconds: float) -> tuple[str, WebhookDelivery] | None:
        """Take the (tenant id, webhook's delivery) due longest until the lease ends; the row is as it was before."""
        document = await self._database.webhook_deliveries.find_one_and_update(
            unsent(now), claim(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], decode(WebhookDelivery, document)) if document else None

    @translated
    async def find_untold(self, limit: int) -> list[Changed]:
        """Anomalies of all tenants, with a card, that changed since webhooks were told."""
        if limit <= 0:
            return []
        found = self._database.outbox.find({"untold": True}, limit=limit)
        return [decode(Changed, {**row, "told": row.get("told_webhooks", 0)}) async for row in found]

    @translated
    async def find_unfinished_news(self, limit: int) -> list[tuple[str, Post]]:
        """(tenant id, post) of posts that stand in Slack and tell of an account that is not watched yet."""
        query = {"content.is_done": False, "state": DeliveryState.SENT.value}
        found = self._database.posts.find(query, limit=limit)
        return [(document["tenant_id"], decode(Post, document)) async for document in found]

    @translated
    async def claim_due_home(self, now: datetime, gap: timedelta, lease_seconds: float) -> tuple[str, Home] | None:
        """Take the (tenant id, home) due longest that was not published within ``gap``, until the lease ends."""
        document = await self._database.homes.find_one_and_update(
            claimable_home(now, gap), claim_home(now, lease_seconds), sort=[("due_at", OLDEST_FIRST)]
        )
        return (document["tenant_id"], decode(Home, document)) if document else None

    @translated
    async def release_deliveries(self) -> None:
        """Take the cards, posts and Homes of all tenants out of their senders' hands; for when all senders are dead."""
        for rows in (self._database.outbox, self._database.posts, self._database.homes):
            await rows.update_many({"claimed_until": {"$ne": None}}, {"$set": {"claimed_until": None}})

"""Messages on their way to Slack, or to a mail server, that are sent once."""

from collections.abc import Collection
from datetime import datetime, timedelta

from engine.errors import NotFound
from engine.models.delivery import DeliveryState
from engine.models.post import Post, Withdrawal
from store.codec import Document, clean, decode, encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.system import System
from store.transactions import Session

_OPEN = [DeliveryState.PENDING.value, DeliveryState.UNCERTAIN.value]
_ON_THEIR_WAY = [DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.UNCERTAIN.value]
_STUCK = [DeliveryState.DEAD.value, DeliveryState.UNCERTAIN.value]
_UNSENT = [DeliveryState.PENDING.value, DeliveryState.SENDING.value]


class Posts:
    """The collection ``posts``. Rows are forgotten ``retention`` after they were made."""

    def __init__(self, database: Database, system: System, retention: timedelta) -> None:
        self._retention = retention
        self._posts = database.posts
        self._system = system

    @translated
    async def insert_post(self, tenant_id: str, post: Post) -> Post:
        """Put a message on its way and return it; one that is there already under this id is returned as it is."""
        if await self.add(tenant_id, post, None):
            return post
        stored = await self._posts.find_one(within(tenant_id, post_id=post.post_id))
        return decode(Post, stored) if stored else post

    async def add(self, tenant_id: str, post: Post, session: Session | None) -> bool:
        """Insert a message in the same transaction as what it tells of; False when it is there already."""
        first = {**encode(tenant_id, post), "expires_at": post.created_at + self._retention}
        row = within(tenant_id, post_id=post.post_id)
        made = await self._posts.update_one(row, {"$setOnInsert": first}, upsert=True, session=session)
        return made.upserted_id is not None

    async def claim_due(
        self, now: datetime, lease_seconds: float, without: Collection[str] = (), *, by_mail: bool = False
    ) -> tuple[str, Post] | None:
        """Take the (tenant id, post) that is due longest, or one whose sender died; ``without`` these tenants'.

        Of those that go ``by_mail``, or of those that go to Slack.

        It is returned as it was, but with the number of this claim.
        """
        return await self._system.claim_due_post(now, lease_seconds, without, by_mail=by_mail)

    @translated
    async def is_behind(self, tenant_id: str, post: Post) -> bool:
        """Whether an older reply is still to come in the same thread."""
        older = {"channel_id": post.channel_id, "created_at": {"$lt": post.created_at}}
        query = within(tenant_id, thread_ts=post.thread_ts, state={"$in": _ON_THEIR_WAY}, **older)
        return await self._posts.find_one(query, {"_id": 1}) is not None

    @translated
    async def save_post(self, tenant_id: str, post: Post) -> bool:
        """Write what the sender found out, and release the claim.

        One that was to be SENT is PENDING when it is to say more by then. Nothing is written, and False returned, when
        somebody else has claimed it since. Raises NotFound.
        """
        row = within(tenant_id, post_id=post.post_id)
        held = {**row, "claims": post.claims}
        changes: Document = {**encode(tenant_id, post), "claimed_until": None}
        del changes["wanted"], changes["withdrawn_by"]  # Who changed these meanwhile is not to be overwritten.
        if post.state is DeliveryState.SENT:
            settled = {**held, "wanted": {"$not": {"$gt": post.shown}}}
            if (await self._posts.update_one(settled, {"$set": changes})).matched_count:
                return True
            # What is wanted only ever grows, so nothing can make it sent now.
            changes["state"] = DeliveryState.PENDING.value
        if (await self._posts.update_one(held, {"$set": changes})).matched_count:
            return True
        if not await self._posts.count_documents(row):
            raise NotFound(f"There is no post {post.post_id!r}.")
        return False

    async def grow(self, tenant_id: str, post: Post, pause: timedelta, session: Session | None) -> None:
        """Let a message say more, in the same transaction as what it is to say; the first time, put it on its way.

        One that stands there already is edited when ``pause`` is over, so that it is not edited all the time.
        """
        row = within(tenant_id, post_id=post.post_id)
        first = {**encode(tenant_id, post), "expires_at": post.created_at + self._retention}
        del first["wanted"]
        await self._posts.update_one(row, {"$setOnInsert": first, "$inc": {"wanted": 1}}, upsert=True, session=session)
        again = {"$set": {"state": DeliveryState.PENDING.value, "due_at": post.created_at + pause}}
        await self._posts.update_one({**row, "state": DeliveryState.SENT.value}, again, session=session)

    async def withdraw(self, tenant_id: str, gone: Withdrawal, now: datetime, session: Session | None) -> None:
        """Take a question back, in the same transaction as what that means; one that stands already is edited."""
        row = within(tenant_id, post_id=gone.post_id)
        taken = {"$set": {"withdrawn_by": clean(gone.by)}, "$inc": {"wanted": 1}}
        await self._posts.update_one(row, taken, session=session)
        again = {"$set": {"state": DeliveryState.PENDING.value, "due_at": now}}
        await self._posts.update_one({**row, "state": DeliveryState.SENT.value}, again, session=session)

    @translated
    async def find_post(self, tenant_id: str, post_id: str) -> Post | None:
        """Return the post, or None when there never was one, or long ago."""
        document = await self._posts.find_one(within(tenant_id, post_id=post_id))
        return decode(Post, document) if document else None

    @translated
    async def find_stuck(self, tenant_id: str) -> list[Post]:
        """Posts that are dead, in doubt, or failed at least once and not yet sent, oldest first."""
        failed = {"state": {"$in": _UNSENT}, "attempts": {"$gte": 1}}
        query = within(tenant_id, **{"$or": [{"state": {"$in": _STUCK}}, failed]})
        return await find_all(self._posts, Post, query, sort={"created_at": OLDEST_FIRST})

    @translated
    async def hasten_waiting(self, tenant_id: str, now: datetime) -> None:
        """Let what failed before, and waits for another try, be tried at once; what Slack told to wait still waits."""
        throttled = {"error": {"$not": {"$regex": "ratelimited"}}}
        failed = within(tenant_id, state={"$in": _OPEN}, attempts={"$gte": 1}, claimed_until=None, **throttled)
        await self._posts.update_many(failed, {"$set": {"due_at": now}})

    @translated
    async def requeue_dead(self, tenant_id: str, now: datetime) -> int:
        """Make dead posts pending again (the channel or token works again); return how many."""
        anew = {"state": DeliveryState.PENDING.value, "due_at": now, "attempts": 0, "error": "", "claimed_until": None}
        result = await self._posts.update_many(within(tenant_id, state=DeliveryState.DEAD.value), {"$set": anew})
        return result.modified_count

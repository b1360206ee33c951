"""Messages on their way to Slack that are posted once and never changed."""

from datetime import datetime, timedelta

from engine.errors import NotFound
from engine.models.delivery import DeliveryState
from engine.models.post import Post
from store.codec import decode, encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.system import System

_STUCK = [DeliveryState.DEAD.value, DeliveryState.UNCERTAIN.value]


class Posts:
    """The collection ``posts``. Rows are forgotten ``retention`` after they were made."""

    def __init__(self, database: Database, system: System, retention: timedelta) -> None:
        self._retention = retention
        self._posts = database.posts
        self._system = system

    @translated
    async def insert_post(self, tenant_id: str, post: Post) -> Post:
        """Put a message on its way and return it; one that is there already under this id is returned as it is."""
        row = within(tenant_id, post_id=post.post_id)
        first = {**encode(tenant_id, post), "expires_at": post.created_at + self._retention}
        made = await self._posts.update_one(row, {"$setOnInsert": first}, upsert=True)
        stored = None if made.upserted_id is not None else await self._posts.find_one(row)
        return decode(Post, stored) if stored else post

    async def claim_due(self, now: datetime, lease_seconds: float) -> tuple[str, Post] | None:
        """Take the (tenant id, post) that is due longest, or one whose sender died; it is returned as it was."""
        return await self._system.claim_due_post(now, lease_seconds)

    @translated
    async def save_post(self, tenant_id: str, post: Post) -> None:
        """Write what the sender found out, and release the claim; raise NotFound when there is no such row."""
        changes = {"$set": {**encode(tenant_id, post), "claimed_until": None}}
        if not (await self._posts.update_one(within(tenant_id, post_id=post.post_id), changes)).matched_count:
            raise NotFound(f"There is no post {post.post_id!r}.")

    @translated
    async def find_post(self, tenant_id: str, post_id: str) -> Post | None:
        """Return the post, or None when there never was one, or long ago."""
        document = await self._posts.find_one(within(tenant_id, post_id=post_id))
        return decode(Post, document) if document else None

    @translated
    async def find_stuck(self, tenant_id: str) -> list[Post]:
        """Posts that are dead or in doubt, oldest first."""
        query = within(tenant_id, state={"$in": _STUCK})
        return await find_all(self._posts, Post, query, sort={"created_at": OLDEST_FIRST})

"""Posts what is said once: exactly once where the channel's history may be read, at least once elsewhere."""

import logging

import msgspec

from engine.errors import AccessDenied, Rejected, Unavailable, UpstreamError
from engine.models.delivery import DeliveryState
from engine.models.post import Post
from services.alert_channels import AlertChannels
from services.ports import Clock, Poster, Posts
from services.retrying import LEASE_SECONDS, OUR_FAULT, SEARCH_MARGIN, next_try

_log = logging.getLogger(__name__)
_IN_DOUBT = frozenset({DeliveryState.SENDING, DeliveryState.UNCERTAIN})
_THREAD_IS_GONE = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
_MOST_ATTEMPTS = 100  # A day of trying: what happened yesterday is no news tomorrow.


class PostSender:
    """Any number of senders may run: claiming a post is atomic."""

    def __init__(self, *, posts: Posts, poster: Poster, channels: AlertChannels, clock: Clock) -> None:
        self._posts = posts
        self._poster = poster
        self._channels = channels
        self._clock = clock

    async def deliver_due(self, limit: int = 50) -> int:
        """Post until nothing is due any more, or ``limit`` posts were tried; gives how many were."""
        for number in range(limit):
            claimed = await self._posts.claim_due(self._clock(), LEASE_SECONDS)
            if claimed is None:
                return number
            tenant_id, post = claimed
            await self._posts.save_post(tenant_id, await self._attempt(tenant_id, post))
        return limit

    async def _attempt(self, tenant_id: str, post: Post) -> Post:
        """Try once; gives the row as it is to be saved. An error of ours is seen, and holds up no other post."""
        try:
            return await self._deliver(tenant_id, post)
        except Rejected as error:
            return await self._elsewhere(tenant_id, post, error)
        except UpstreamError as error:
            return self._failed(post, error)
        except Exception as error:
            _log.exception("%s could not be posted", post.post_id)
            return _dead(post, f"An error in dd0c/cost ({type(error).__name__}), see its log.")

    async def _deliver(self, tenant_id: str, post: Post) -> Post:
        if post.state in _IN_DOUBT:
            post = await self._settle_doubt(tenant_id, post)
        if not post.message_ts:
            message = await self._poster.post(tenant_id, post)
            post = msgspec.structs.replace(post, channel_id=message.channel_id, message_ts=message.message_ts)
        return msgspec.structs.replace(post, state=DeliveryState.SENT, error="")

    async def _elsewhere(self, tenant_id: str, post: Post, error: Rejected) -> Post:
        """Let it go to another channel where this one takes none; a reply has its place in its thread only."""
        instead = "" if post.thread_ts else await self._channels.find_instead(tenant_id, post.channel_id, error)
        if not instead:
            return self._failed(post, error)
        return msgspec.structs.replace(post, channel_id=instead, state=DeliveryState.PENDING, error=str(error))

    async def _settle_doubt(self, tenant_id: str, post: Post) -> Post:
        """It may stand there already. Where nobody may look, it is posted once more and says that it may repeat."""
        try:
            found = await self._poster.find(tenant_id, post, post.created_at - SEARCH_MARGIN)
        except (AccessDenied, Rejected) as error:
            _log.info("%s: cannot look for it in the channel (%s)", post.post_id, error)
            return msgspec.structs.replace(post, may_repeat=True)
        return post if found is None else msgspec.structs.replace(post, message_ts=found.message_ts)

    def _failed(self, post: Post, error: UpstreamError) -> Post:
        """A post without an answer is in doubt, and what was in doubt before stays so until somebody could look."""
        if error.code in OUR_FAULT | _THREAD_IS_GONE or post.attempts >= _MOST_ATTEMPTS:
            _log.error("%s was given up: %s", post.post_id, error)
            return _dead(post, str(error))
        _log.warning("%s: %s; it is tried again", post.post_id, error)
        doubtful = isinstance(error, Unavailable) or post.state in _IN_DOUBT
        return msgspec.structs.replace(
            post,
            state=DeliveryState.UNCERTAIN if doubtful else DeliveryState.PENDING,
            attempts=post.attempts + 1,
            due_at=next_try(post.attempts, error, self._clock()),
            error=str(error),
        )


def _dead(post: Post, error: str) -> Post:
    return msgspec.structs.replace(post, state=DeliveryState.DEAD, error=error)

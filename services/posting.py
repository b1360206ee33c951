"""Posts what is said once: exactly once where the channel's history may be read, at least once elsewhere."""

import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

import msgspec

from engine.errors import AccessDenied, NotFound, Rejected, Unavailable, UpstreamError
from engine.models.delivery import DeliveryState, SlackMessage
from engine.models.post import (
    MAIL_REFUSED,
    BirthNotice,
    BudgetNotice,
    ConnectionNews,
    Digest,
    DigestMail,
    HeldBack,
    Joined,
    Post,
    Question,
    ZombieNews,
)
from services.alert_budget import HeldCards
from services.alert_channels import AlertChannels
from services.lanes import Lanes
from services.ports import Clock, Poster, Posts
from services.retrying import LEASE_SECONDS, OUR_FAULT, SEARCH_MARGIN, next_try

_log = logging.getLogger(__name__)
_IN_DOUBT = frozenset({DeliveryState.SENDING, DeliveryState.UNCERTAIN})
_THREAD_IS_GONE = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
_NEVER_TAKEN = OUR_FAULT | _THREAD_IS_GONE | {MAIL_REFUSED}
# What the bot says of its own accord. Answers to people, and what is said about the installation, come at any time.
_NEWS = (Digest, DigestMail, Joined, HeldBack, BudgetNotice, BirthNotice)
_GROWING = (HeldBack, ConnectionNews)  # What goes on changing where it stands.
_SILENCE = timedelta(seconds=30)
_BEHIND = timedelta(seconds=2)
_MOST_ATTEMPTS = 100  # A day of trying: what happened yesterday is no news tomorrow.

# A workspace that takes nothing at all from us may do so again; it says nothing of the person who was asked.
_NOBODY_IS_REACHED = frozenset(
    {"not_installed", "account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)

TellUnreached = Callable[[str, Question], Awaitable[None]]


class PostSender:
    """Any number of senders may run: claiming a post is atomic."""

    def __init__(
        self,
        *,
        posts: Posts,
        poster: Poster,
        channels: AlertChannels,
        held_cards: HeldCards,
        tell_unreached: TellUnreached,
        clock: Clock,
        by_mail: bool = False,
    ) -> None:
        """Send what goes ``by_mail``, or else what goes to Slack: neither waits for the other."""
        self._by_mail = by_mail
        self._posts = posts
        self._poster = poster
        self._channels = channels
        self._held_cards = held_cards
        self._tell_unreached = tell_unreached
        self._clock = clock
        self._lanes = Lanes(self._claim, self._attempt)

    async def deliver_due(self, limit: int = 50) -> int:
        """Post until nothing is due any more, or ``limit`` posts were tried; gives how many were."""
        return await self._lanes.work_off(limit)

    def stop(self) -> None:
        """Claim nothing more that is due; what is on its way goes on."""
        self._lanes.close()

    async def _claim(self, without: Collection[str]) -> tuple[str, Post] | None:
        return await self._posts.claim_due(self._clock(), LEASE_SECONDS, without, by_mail=self._by_mail)

    async def _attempt(self, tenant_id: str, post: Post) -> None:
        """Try once and save what came of it. A sender that was late takes its copy away."""
        tried = await self._try(tenant_id, post)
        try:
            is_saved = await self._posts.save_post(tenant_id, tried)
        except NotFound:
            _log.info("%s was deleted while it was on its way", tried.post_id)
            return
        if not is_saved:
            await self._remove_copy(tenant_id, tried)
        elif tried.state is DeliveryState.DEAD and isinstance(tried.content, Question):
            await self._tell_unreached(tenant_id, tried.content)

    async def _remove_copy(self, tenant_id: str, late: Post) -> None:
        """While it is not known where the next sender's stands, the copy stays: it may be the only one."""
        kept = await self._posts.find_post(tenant_id, late.post_id)
        if kept is None or not late.message_ts or kept.message_ts in ("", late.message_ts):
            _log.info("%s: somebody else has it by now", late.post_id)
            return
        try:
            await self._poster.delete(tenant_id, SlackMessage(late.channel_id, late.message_ts))
        except UpstreamError as error:
            _log.warning("%s: its copy stays in the channel: %s", late.post_id, error)

    async def _try(self, tenant_id: str, post: Post) -> Post:
        """Try once; gives the row as it is to be saved. An error of ours is seen, and holds up no other post."""
        try:
            if post.thread_ts and await self._posts.is_behind(tenant_id, post):
                return _waiting(post, self._clock() + _BEHIND)
            if isinstance(post.content, _NEWS) and await self._channels.are_silent(tenant_id):
                return _waiting(post, self._clock() + _SILENCE)
            return await self._deliver(tenant_id, post)
        except Rejected as error:
            return await self._elsewhere(tenant_id, post, error)
        except UpstreamError as error:
            return self._failed(post, error)
        except Exception as error:
            _log.exception("%s could not be posted", post.post_id)
            return _dead(post, f"An error in dd0c/cost ({type(error).__name__}), see its log.")

    async def _deliver(self, tenant_id: str, post: Post) -> Post:
        if post.state in _IN_DOUBT and not post.message_ts:
            post = await self._settle_doubt(tenant_id, post)
        is_needless = post.withdrawn_by and not post.message_ts
        if is_needless:
            _log.info("%s was taken back before it was sent", post.post_id)
        elif not post.message_ts:
            post = await self._to_who_is_there(tenant_id, post)
            message = await self._poster.post(tenant_id, await self._drawn(tenant_id, post))
            post = msgspec.structs.replace(post, channel_id=message.channel_id, message_ts=message.message_ts)
        elif isinstance(post.content, _GROWING) or post.withdrawn_by:
            await self._poster.repaint(tenant_id, await self._drawn(tenant_id, post))
        return msgspec.structs.replace(post, state=DeliveryState.SENT, shown=post.wanted, attempts=0, error="")

    async def _to_who_is_there(self, tenant_id: str, post: Post) -> Post:
        if _has_one_place(post):
            return post
        present = await self._channels.find_present(tenant_id, post.channel_id)
        return msgspec.structs.replace(post, channel_id=present or post.channel_id)

    async def _drawn(self, tenant_id: str, post: Post) -> Post:
        if not isinstance(post.content, HeldBack):
            return post
        content = await self._held_cards.read(tenant_id, post.post_id, post.content)
        return msgspec.structs.replace(post, content=content)

    async def _elsewhere(self, tenant_id: str, post: Post, error: Rejected) -> Post:
        """Let it go to another channel where this one takes none; a reply has its place in its thread only.

        A question and its answer are for one person's eyes, and a mail's place is an address. What stands there
        already and cannot be edited any more is left as it is.
        """
        if post.message_ts:
            _log.warning("%s stays as it is: %s", post.post_id, error)
            return msgspec.structs.replace(post, state=DeliveryState.SENT, shown=post.wanted, error=str(error))
        instead = "" if _has_one_place(post) else await self._channels.find_instead(tenant_id, post.channel_id, error)
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
        is_over = error.code in _NEVER_TAKEN or post.attempts >= _MOST_ATTEMPTS
        if is_over or _is_unreachable(post, error):
            _log.error("%s was given up: %s", post.post_id, error)
            return _dead(post, str(error))
        _log.warning("%s is tried again: %s", post.post_id, error)
        doubtful = isinstance(error, Unavailable) or post.state in _IN_DOUBT
        return msgspec.structs.replace(
            post,
            state=DeliveryState.UNCERTAIN if doubtful else DeliveryState.PENDING,
            attempts=post.attempts + 1,
            due_at=next_try(post.attempts, error, self._clock()),
            error=str(error),
        )


def _has_one_place(post: Post) -> bool:
    """Whether nobody else may get it: a reply, a question to one person or an answer to theirs, a mail."""
    return bool(post.thread_ts) or isinstance(post.content, Question | DigestMail | ZombieNews)


def _is_unreachable(post: Post, error: UpstreamError) -> bool:
    """Whether Slack takes no message to the person who is asked: whoever asked waits for them, so no day of trying."""
    refused = isinstance(error, Rejected | AccessDenied) and error.code not in _NOBODY_IS_REACHED
    return refused and isinstance(post.content, Question) and not post.message_ts


def _waiting(post: Post, until: datetime) -> Post:
    """Who died with it in hand may have posted it, so that a doubt stays."""
    state = DeliveryState.UNCERTAIN if post.state in _IN_DOUBT else DeliveryState.PENDING
    return msgspec.structs.replace(post, state=state, due_at=until)


def _dead(post: Post, error: str) -> Post:
    return msgspec.structs.replace(post, state=DeliveryState.DEAD, error=error)

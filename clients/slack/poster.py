"""Posts messages that are said once, with metadata by which they can be found again."""

from datetime import datetime

from blocks.asking import escalation, question, withdrawn_question
from blocks.births import birth_notice
from blocks.card import Card
from blocks.connection_news import connection_news
from blocks.digest import digest
from blocks.held_back import held_back
from blocks.joined import joined
from blocks.pause import pause_notice, resumed
from blocks.plan import notice
from blocks.spend_budgets import budget_notice
from blocks.zombie_news import zombie_news
from clients.slack.errors import translated
from clients.slack.looking import find_message
from clients.slack.notifier import ClientFor
from clients.slack.spacing import ChannelSpacing
from engine.errors import Rejected
from engine.models.billing import PlanNotice
from engine.models.delivery import SlackMessage
from engine.models.post import (
    BirthNotice,
    BudgetNotice,
    ConnectionNews,
    Digest,
    DigestMail,
    Escalation,
    HeldBack,
    Joined,
    PauseNotice,
    Post,
    Question,
    ResumeNotice,
    ZombieNews,
)

METADATA_TYPE = "dd0c_post"
REFUSED_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format"})


class SlackPoster:
    """Takes the turns of the channel as cards do."""

    def __init__(self, client_for: ClientFor, spacing: ChannelSpacing) -> None:
        self._client_for = client_for
        self._spacing = spacing

    async def post(self, tenant_id: str, post: Post) -> SlackMessage:
        """Post it; Unavailable leaves it open whether it arrived."""
        card = _drawn(post)
        for plainer in card.plainer:
            try:
                return await self._post(tenant_id, post, card)
            except Rejected as error:
                if error.code not in REFUSED_BLOCKS:
                    raise
            card = Card(card.text, plainer)
        return await self._post(tenant_id, post, card)

    async def _post(self, tenant_id: str, post: Post, card: Card) -> SlackMessage:
        client = await self._client_for(tenant_id)
        async with self._spacing.turn(tenant_id, post.channel_id), translated(f"Posting to {post.channel_id}"):
            answer = await client.chat_postMessage(
                channel=post.channel_id,
                thread_ts=post.thread_ts or None,
                reply_broadcast=post.broadcast or None,
                text=card.text,
                blocks=card.blocks,
                metadata={"event_type": METADATA_TYPE, "event_payload": {"post_id": post.post_id}},
                unfurl_links=False,
                unfurl_media=False,
            )
        return SlackMessage(str(answer["channel"]), str(answer["ts"]))

    async def repaint(self, tenant_id: str, post: Post) -> None:
        """Draw a post that stands in Slack anew."""
        client = await self._client_for(tenant_id)
        card = withdrawn_question(post.withdrawn_by) if post.withdrawn_by else _drawn(post)
        async with translated(f"Repainting a message in {post.channel_id}"):
            await client.chat_update(channel=post.channel_id, ts=post.message_ts, text=card.text, blocks=card.blocks)

    async def find(self, tenant_id: str, post: Post, since: datetime) -> SlackMessage | None:
        """Look for it where it would stand."""
        client = await self._client_for(tenant_id)
        return await find_message(client, post.channel_id, post.thread_ts, {"post_id": post.post_id}, since)

    async def delete(self, tenant_id: str, message: SlackMessage) -> None:
        """Take a message away that stands there twice."""
        client = await self._client_for(tenant_id)
        async with translated(f"Deleting a message in {message.channel_id}"):
            await client.chat_delete(channel=message.channel_id, ts=message.message_ts)


def _drawn(post: Post) -> Card:
    content, may_repeat = post.content, post.may_repeat
    match content:
        case ConnectionNews():
            return connection_news(content)
        case PlanNotice():
            return notice(content)
        case PauseNotice():
            return pause_notice(content.by, may_repeat=may_repeat)
        case ResumeNotice():
            return resumed(content.resumed, may_repeat=may_repeat)
        case Digest() | DigestMail():
            return digest(content.report, may_repeat=may_repeat)
        case _:
            return _drawn_whole(content, may_repeat=may_repeat)


def _drawn_whole(
    content: Joined | Question | Escalation | HeldBack | BudgetNotice | BirthNotice | ZombieNews, *, may_repeat: bool
) -> Card:
    match content:
        case Joined():
            return joined(content, may_repeat=may_repeat)
        case Question():
            return question(content, may_repeat=may_repeat)
        case Escalation():
            return escalation(content, may_repeat=may_repeat)
        case HeldBack():
            return held_back(content, may_repeat=may_repeat)
        case _:
            return _drawn_notice(content, may_repeat=may_repeat)


def _drawn_notice(content: BudgetNotice | BirthNotice | ZombieNews, *, may_repeat: bool) -> Card:
    match content:
        case BudgetNotice():
            return budget_notice(content, may_repeat=may_repeat)
        case BirthNotice():
            return birth_notice(content, may_repeat=may_repeat)
        case ZombieNews():
            return zombie_news(content, may_repeat=may_repeat)

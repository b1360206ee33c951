"""Tells the alert channel of a new account: that it is connected, how far its history is, and that it is watched."""

import logging
from datetime import datetime

import msgspec

from engine.errors import NotFound
from engine.models.account import AccountStatus, AwsAccount
from engine.models.delivery import DeliveryState
from engine.models.post import ConnectionNews, Post
from engine.routing import home_channel
from services.ports import Accounts, Clock, Posts, SystemLookups, Tenants

_log = logging.getLogger(__name__)
_MOST_FOLLOWED = 100
_ON_THE_WAY = frozenset({AccountStatus.PENDING, AccountStatus.LEARNING})
_WATCHED = frozenset({AccountStatus.ACTIVE, AccountStatus.DENIED})


class ConnectionTeller:
    """One message for each connection, made due again whenever there is more to say, until the account is watched.

    What it says comes from the account as it is stored, so a crash or a worker in another process loses nothing. It
    goes the way of all posts: what Slack refuses is tried again when Slack allows, holds up no other, and is told by
    status.
    """

    def __init__(
        self,
        *,
        tenants: Tenants,
        lookups: SystemLookups,
        accounts: Accounts,
        posts: Posts,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._lookups = lookups
        self._accounts = accounts
        self._posts = posts
        self._clock = clock

    async def follow(self) -> int:
        """Begin what is not told yet, and make due what changed; gives how many messages that were."""
        count = 0
        for tenant_id, account_id in await self._lookups.find_history_accounts():
            count += await self._begin(tenant_id, account_id)
        for tenant_id, post in await self._lookups.find_unfinished_news(_MOST_FOLLOWED):
            try:
                count += await self._go_on(tenant_id, post)
            except NotFound:
                _log.info("%s was deleted meanwhile", post.post_id)
        return count

    async def _begin(self, tenant_id: str, account_id: str) -> bool:
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            return False
        return await self.begin(tenant_id, account)

    async def begin(self, tenant_id: str, account: AwsAccount) -> bool:
        """Put the message on its way, once; False when it is, or when nobody can be told."""
        tenant = await self._tenants.find_tenant(tenant_id)
        channel_id = home_channel(tenant)
        post_id = f"connection/{account.account_id}/{account.connected_at.isoformat()}"
        if not channel_id or await self._posts.find_post(tenant_id, post_id) is not None:
            return False
        now = self._clock()
        post = Post(
            post_id=post_id,
            account_id=account.account_id,
            content=news_of(account, now),
            channel_id=channel_id,
            state=DeliveryState.PENDING,
            due_at=now,
            created_at=now,
        )
        await self._posts.insert_post(tenant_id, post)
        return True

    async def _go_on(self, tenant_id: str, post: Post) -> bool:
        if not isinstance(post.content, ConnectionNews):
            return False
        news = await self._news(tenant_id, post.content)
        if news == post.content:
            return False
        due = msgspec.structs.replace(post, content=news, state=DeliveryState.PENDING, due_at=self._clock())
        return await self._posts.save_post(tenant_id, due)

    async def _news(self, tenant_id: str, before: ConnectionNews) -> ConnectionNews:
        try:
            return news_of(await self._accounts.find_account(tenant_id, before.account_id), self._clock())
        except NotFound:
            return msgspec.structs.replace(before, is_done=True)


def news_of(account: AwsAccount, now: datetime) -> ConnectionNews:
    """Say how far an account is."""
    times = [one.last_record_time for one in account.cursors if one.last_record_time is not None]
    looked = account.role_check.last_record_time if account.role_check else None
    newest = max([*times, *([looked] if looked else [])], default=None)
    is_done = account.status not in _ON_THE_WAY
    return ConnectionNews(
        account_id=account.account_id,
        account_name=account.name,
        regions=len(account.regions),
        regions_learned=account.regions_learned,
        seconds_behind=(now - newest).total_seconds() if is_done and newest else None,
        is_watched=account.status in _WATCHED,
        is_done=is_done,
    )

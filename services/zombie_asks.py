"""Looks again for idle resources when somebody asks, and tells them once what came of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from engine.models.account import AccountStatus, AwsAccount
from engine.models.delivery import DeliveryState
from engine.models.post import Post, ZombieNews
from engine.models.zombie_ask import ZombieAsk
from engine.zombies.asking import is_settled
from engine.zombies.models import Scan
from services.ports import Accounts, Clock, Posts, SystemLookups
from services.ports.zombies import ZombieAskRows, ZombieRows

_WATCHED = frozenset({AccountStatus.ACTIVE, AccountStatus.DENIED})
_AT_ONCE = 100
# Whoever asked is told by then, whatever keeps dying.
_PATIENCE = timedelta(hours=6)


class Scans(Protocol):
    """Looks at an account again unless that was done within the hour."""

    async def scan_again(self, tenant_id: str, account_id: str) -> bool: ...


class ZombieAsking:
    """Notes who asks. What is noted lasts over a crash, until they were told."""

    def __init__(self, rows: ZombieRows, asks: ZombieAskRows, clock: Clock) -> None:
        self._rows = rows
        self._asks = asks
        self._clock = clock

    async def ask(
        self, tenant_id: str, user_id: str, accounts: Sequence[AwsAccount], named: str = ""
    ) -> Sequence[AwsAccount]:
        """Give those of the accounts that are looked at now, or next: all that were not within the hour.

        ``named`` is how one account was named, empty for all. Without ``user_id`` nobody is told.
        """
        now = self._clock()
        scans = {one.account_id: one for one in await self._rows.find_scans(tenant_id)}
        due = [one for one in accounts if _is_watched(one) and not is_settled(scans.get(one.account_id), now)]
        asked = {known for ask in await self._asks.find_asks(tenant_id, user_id) for known in ask.account_ids}
        if not asked.issuperset(one.account_id for one in due):
            ask = ZombieAsk(
                ask_id=f"zombies/{user_id or 'api'}/{now.isoformat()}",
                user_id=user_id,
                asked_at=now,
                account=named,
                account_ids=tuple(one.account_id for one in due),
            )
            await self._asks.insert_ask(tenant_id, ask)
        return due


class ZombieAnswers:
    """Any number of processes may do this: an account is scanned by one of them, and an answer has one row in posts."""

    def __init__(
        self,
        *,
        lookups: SystemLookups,
        accounts: Accounts,
        scans: Scans,
        rows: ZombieRows,
        asks: ZombieAskRows,
        posts: Posts,
        clock: Clock,
    ) -> None:
        self._lookups = lookups
        self._accounts = accounts
        self._scans = scans
        self._rows = rows
        self._asks = asks
        self._posts = posts
        self._clock = clock

    async def answer_due(self) -> int:
        """Take each ask a step further: one account is scanned, or they are told. Gives how many were."""
        return sum([await self._advance(*one) for one in await self._lookups.find_zombie_asks(_AT_ONCE)])

    async def _advance(self, tenant_id: str, ask: ZombieAsk) -> bool:
        here = await self._accounts.find_accounts(tenant_id)
        accounts = [one for one in here if one.account_id in ask.account_ids and _is_watched(one)]
        scans = {one.account_id: one for one in await self._rows.find_scans(tenant_id)}
        waiting = [one for one in accounts if not is_settled(scans.get(one.account_id), ask.asked_at)]
        if waiting and self._clock() - ask.asked_at < _PATIENCE:
            for one in waiting:
                if await self._scans.scan_again(tenant_id, one.account_id):
                    break  # The others' asks have their turn before the next account of this one.
            return False
        if ask.user_id and accounts:
            failed = _failed(accounts, scans, waiting)
            await self._posts.insert_post(tenant_id, await self._post(tenant_id, ask, len(accounts), failed))
        await self._asks.delete_ask(tenant_id, ask.ask_id)
        return True

    async def _post(self, tenant_id: str, ask: ZombieAsk, accounts: int, failed: Sequence[str]) -> Post:
        now, account_id = self._clock(), ask.account_ids[0] if ask.account else None
        open_ones = await self._rows.sum_open(tenant_id, account_id, now)
        new = await self._rows.sum_new(tenant_id, account_id, now, ask.asked_at)
        gone = await self._rows.sum_saved(tenant_id, account_id, ask.asked_at)
        news = ZombieNews(
            account=ask.account,
            accounts=accounts,
            count=open_ones.count,
            monthly_cost=open_ones.monthly_cost,
            unpriced=open_ones.unpriced,
            new=new.count,
            new_usd=new.monthly_cost,
            gone=gone.count,
            saved_usd=gone.monthly_cost,
            failed=tuple(failed),
        )
        return Post(
            post_id=ask.ask_id,
            content=news,
            channel_id=ask.user_id,
            state=DeliveryState.PENDING,
            due_at=now,
            created_at=now,
        )


def _is_watched(account: AwsAccount) -> bool:
    return account.status in _WATCHED and account.paused_at is None


def _failed(accounts: Sequence[AwsAccount], scans: Mapping[str, Scan], waiting: Sequence[AwsAccount]) -> Sequence[str]:
    """Accounts that could not be looked at, each with the reason."""
    errors = {one.account_id: "no look at it has ended" for one in waiting}
    errors |= {account_id: scan.error for account_id, scan in scans.items() if scan.error}
    return [f"{one.name}: {errors[one.account_id]}" for one in accounts if one.account_id in errors]

"""What is silent by a program's word: expectations that it declares, and snoozes, listed and ended."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from engine.errors import Conflict, NotFound
from engine.models.account import AccountStatus
from engine.models.verdict import Expectation, Snooze
from services.made_before import made_before
from services.ports import Accounts, Clock, Patterns

USUAL_SPAN = timedelta(days=7)
LONGEST_SPAN = timedelta(days=366)
MOST = 1000


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """So many of a type at a time, for so many USD an hour in all, in one account until a moment (None: a week)."""

    account_id: str
    resource_type: str
    max_quantity: int | None
    max_hourly_cost: float | None
    until: datetime | None


class Declarations:
    """Declares what is about to start."""

    def __init__(self, accounts: Accounts, patterns: Patterns, clock: Clock) -> None:
        self._accounts = accounts
        self._patterns = patterns
        self._clock = clock

    async def declare(
        self, tenant_id: str, declared: Declared, by: str, random_bytes: Callable[[int], bytes]
    ) -> Expectation:
        """From now on this stays silent. The same bytes make the same expectation, which is then declared once.

        Raises NotFound when this tenant has no such account, Conflict for a moment that is past now or too far away.
        """
        account = await self._accounts.find_account(tenant_id, declared.account_id)
        if account.status is AccountStatus.DISCONNECTING:
            raise NotFound(f"AWS account {account.account_id} is being disconnected.")
        now = self._clock()
        expectation = Expectation(
            expectation_id=str(uuid.UUID(bytes=random_bytes(16), version=4)),
            account_id=account.account_id,
            actor_key="",
            resource_types=(declared.resource_type,),
            max_hourly_cost=declared.max_hourly_cost,
            max_quantity=declared.max_quantity,
            all_running=True,
            created_by=by,
            created_at=now,
            until=_until(declared.until, now),
        )
        try:
            await self._patterns.insert_expectation(tenant_id, expectation)
        except Conflict as conflict:
            return await made_before(conflict, self.find(tenant_id, expectation.expectation_id))
        return expectation

    async def find_all(self, tenant_id: str) -> list[Expectation]:
        """Those in force, oldest first."""
        return await self._patterns.find_expectations(tenant_id, self._clock(), MOST)

    async def find(self, tenant_id: str, expectation_id: str) -> Expectation:
        """Raise NotFound when none of that id is in force."""
        for one in await self.find_all(tenant_id):
            if one.expectation_id == expectation_id:
                return one
        raise NotFound(f"There is no expectation {expectation_id!r} in force.")

    async def find_snoozes(self, tenant_id: str) -> list[Snooze]:
        """Those in force, the one that ends soonest first."""
        return await self._patterns.find_snoozes(tenant_id, self._clock(), MOST)

    async def find_snooze(self, tenant_id: str, snooze_id: str) -> Snooze:
        """Raise NotFound when none of that id is in force."""
        for one in await self.find_snoozes(tenant_id):
            if one.snooze_id == snooze_id:
                return one
        raise NotFound(f"There is no snooze {snooze_id!r} in force.")

    async def end(self, tenant_id: str, expectation_id: str, by: str) -> None:
        """Take one back; raises NotFound when it is gone already."""
        await self._patterns.delete_expectation(tenant_id, expectation_id, by, self._clock())


def _until(until: datetime | None, now: datetime) -> datetime:
    if until is None:
        return now + USUAL_SPAN
    if until <= now:
        raise Conflict("`until` is past already.")
    if until > now + LONGEST_SPAN:
        raise Conflict(f"`until` is too far away: a declaration lasts up to {LONGEST_SPAN.days} days.")
    return until

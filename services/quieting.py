"""What people declare to be silent, and how they take it back."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from engine.command_line.intent import Intent, parse_intent
from engine.command_line.words import shown
from engine.errors import InvalidCommand, NotFound
from engine.models.account import AwsAccount
from engine.models.quiet import Declared, QuietList, QuietPattern
from engine.models.resource import Running
from engine.models.verdict import Expectation, Snooze
from engine.pricing.known_types import doubt_about
from engine.pricing.table import PriceTable
from services.account_names import choose_accounts
from services.ports import Accounts, Clock, NewId, Patterns, Tenants
from services.verdicts import Verdicts
from services.zones import zone_of

_MOST = 200
_MOST_NAMED = 5
_LEAST_OF_AN_ID = 4


class Quieting:
    """Declares expectations, lists what is silent, ends it."""

    def __init__(
        self,
        *,
        tenants: Tenants,
        accounts: Accounts,
        patterns: Patterns,
        verdicts: Verdicts,
        prices: PriceTable,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._tenants = tenants
        self._accounts = accounts
        self._patterns = patterns
        self._verdicts = verdicts
        self._prices = prices
        self._clock = clock
        self._new_id = new_id

    async def expect(self, tenant_id: str, user_id: str, words: Sequence[str], account: str | None) -> Declared:
        """Declare what is about to start. Raises InvalidCommand for words that are not understood."""
        now = self._clock()
        zone = zone_of((await self._tenants.find_tenant(tenant_id)).digest.zone)
        intent = parse_intent(words, now, zone)
        chosen = choose_accounts(await self._accounts.find_accounts(tenant_id), account)
        if len(chosen) > 1:
            names = ", ".join(shown(one.name) for one in chosen[:_MOST_NAMED])
            raise InvalidCommand(f"In which account? Say it with `--account`: {names}.")
        expectation = _expectation(intent, chosen[0], user_id, self._new_id(), now)
        await self._patterns.insert_expectation(tenant_id, expectation)
        running = await self._patterns.find_running(tenant_id, chosen[0].account_id, expectation.resource_types)
        now_running = running.get(intent.resource_type, Running())
        doubt = "" if now_running.quantity else doubt_about(intent.resource_type, self._prices)
        return Declared(expectation, chosen[0].name, now_running, doubt)

    async def list_patterns(self, tenant_id: str) -> QuietList:
        """Everything that is silent by somebody's word."""
        return QuietList(tuple(await self._find(tenant_id)))

    async def end(self, tenant_id: str, user_id: str, given_id: str) -> QuietList:
        """Take one back, named by the beginning of its id; a snooze ends as its card's *Undo* would end it.

        Raises InvalidCommand when the id is too short or fits several, NotFound when it fits none.
        """
        found = await self._find(tenant_id)
        ended = _chosen(found, given_id.strip().lower())
        if ended.is_snooze:
            await self._verdicts.undo(tenant_id, await self._anomaly_of(tenant_id, ended.pattern_id), user_id)
        else:
            await self._patterns.delete_expectation(tenant_id, ended.pattern_id, user_id, self._clock())
        return QuietList(tuple(one for one in found if one != ended), ended)

    async def _find(self, tenant_id: str) -> list[QuietPattern]:
        now = self._clock()
        accounts, snoozes, expectations = await asyncio.gather(
            self._accounts.find_accounts(tenant_id),
            self._patterns.find_snoozes(tenant_id, now, _MOST),
            self._patterns.find_expectations(tenant_id, now, _MOST),
        )
        names = {one.account_id: one.name for one in accounts}
        return [
            *(_of_snooze(one, names.get(one.account_id, one.account_id)) for one in snoozes),
            *(_of_expectation(one, names.get(one.account_id, one.account_id)) for one in expectations),
        ]

    async def _anomaly_of(self, tenant_id: str, snooze_id: str) -> str:
        snoozes = await self._patterns.find_snoozes(tenant_id, self._clock(), _MOST)
        for one in snoozes:
            if one.snooze_id == snooze_id:
                return one.anomaly_id
        raise NotFound("That is over already.")


def _chosen(patterns: Sequence[QuietPattern], given_id: str) -> QuietPattern:
    if len(given_id) < _LEAST_OF_AN_ID:
        raise InvalidCommand(
            f"Which one? Say `/dd0c snoozes end` with at least {_LEAST_OF_AN_ID} characters of its id, as the list "
            "shows them, or press its button there."
        )
    found = [one for one in patterns if one.pattern_id.startswith(given_id)]
    if not found:
        raise NotFound(f"Nothing silent has the id {shown(given_id)}. `/dd0c snoozes` lists what there is.")
    if len(found) > 1:
        raise InvalidCommand(f"Several ids begin with {shown(given_id)}. Say more of it.")
    return found[0]


def _expectation(intent: Intent, account: AwsAccount, user_id: str, expectation_id: str, now: datetime) -> Expectation:
    return Expectation(
        expectation_id=expectation_id,
        account_id=account.account_id,
        actor_key="",
        resource_types=(intent.resource_type,),
        max_hourly_cost=intent.max_hourly_cost,
        max_quantity=intent.quantity,
        all_running=True,
        created_by=user_id,
        created_at=now,
        until=intent.until,
    )


def _of_expectation(one: Expectation, account_name: str) -> QuietPattern:
    return QuietPattern(
        pattern_id=one.expectation_id,
        is_snooze=False,
        account_name=account_name,
        actor_key=one.actor_key,
        resource_types=one.resource_types,
        created_by=one.created_by,
        until=one.until,
        max_hourly_cost=one.max_hourly_cost,
        max_quantity=one.max_quantity,
        all_running=one.all_running,
    )


def _of_snooze(one: Snooze, account_name: str) -> QuietPattern:
    return QuietPattern(
        pattern_id=one.snooze_id,
        is_snooze=True,
        account_name=account_name,
        actor_key=one.actor_key,
        resource_types=one.resource_types,
        created_by=one.created_by,
        until=one.until,
    )

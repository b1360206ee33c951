"""So many cards a channel and day; what is beyond is told in one message, and no card of the safety net is stopped."""

import asyncio
from datetime import datetime

import msgspec

from engine.errors import Throttled, UpstreamError
from engine.models.account import Tenant
from engine.models.anomaly import Anomaly
from engine.models.delivery import CardPlace, Delivery, DeliveryState
from engine.models.post import HeldBack, Post
from engine.routing import budget_of
from services.anomaly_rows import rows_of
from services.ports import Accounts, AnomalySearch, Budgets, Clock, Outbox, Tenants
from services.zones import zone_of

_SHOWN = 10
_MOST_LOOKED_AT = 1000


class AlertBudget:
    """Any number of senders may ask: a channel's places are taken one by one, and each card has one place."""

    def __init__(self, tenants: Tenants, budgets: Budgets, clock: Clock) -> None:
        self._tenants = tenants
        self._budgets = budgets
        self._clock = clock

    async def admits(self, tenant_id: str, delivery: Delivery, anomaly: Anomaly) -> bool:
        """Take a place for a new card in its delivery's channel; False when none is left.

        Raises Throttled when that cannot be known now: nothing was posted, so that must leave nothing in doubt.
        """
        try:
            tenant = await self._tenants.find_tenant(tenant_id)
            budget = budget_of(tenant)
            most = None if not budget or anomaly.decision.safety_net else budget
            place = CardPlace(delivery.channel_id, _day(tenant, self._clock()))
            return await self._budgets.take(tenant_id, place, anomaly.anomaly_id, most)
        except UpstreamError as error:
            raise Throttled(f"No place in {delivery.channel_id} could be taken: {error}", code="no_place") from error

    async def held(self, tenant_id: str, delivery: Delivery) -> Delivery:
        """The row of a card that found no place, as it is to be saved by ``hold``."""
        day = _day(await self._tenants.find_tenant(tenant_id), self._clock())
        name = f"held/{delivery.channel_id}/{day}"
        return msgspec.structs.replace(delivery, state=DeliveryState.HELD, held_for=name, error="")

    async def hold(self, tenant_id: str, held: Delivery) -> bool:
        """Let the channel's message of the day stand for this card; False when somebody else has the card by now.

        Raises NotFound when the card was deleted.
        """
        now = self._clock()
        summary = Post(
            post_id=held.held_for,
            content=HeldBack(day=held.held_for.rpartition("/")[2]),
            channel_id=held.channel_id,
            state=DeliveryState.PENDING,
            due_at=now,
            created_at=now,
        )
        return await self._budgets.hold(tenant_id, held, summary)


def _day(tenant: Tenant, now: datetime) -> str:
    return now.astimezone(zone_of(tenant.digest.zone)).date().isoformat()


class HeldCards:
    """Reads what one message tells instead of cards."""

    def __init__(self, tenants: Tenants, outbox: Outbox, search: AnomalySearch, accounts: Accounts) -> None:
        self._tenants = tenants
        self._outbox = outbox
        self._search = search
        self._accounts = accounts

    async def read(self, tenant_id: str, post_id: str, content: HeldBack) -> HeldBack:
        """The content of a message as it is to be drawn now, the dearest findings first."""
        tenant, total, ids, accounts = await asyncio.gather(
            self._tenants.find_tenant(tenant_id),
            self._outbox.count_held(tenant_id, post_id),
            self._outbox.find_held(tenant_id, post_id, _MOST_LOOKED_AT),
            self._accounts.find_accounts(tenant_id),
        )
        found = await self._search.find_named(tenant_id, ids)
        dearest = sorted(found, key=lambda one: -one.hourly_cost)
        return msgspec.structs.replace(
            content,
            budget=budget_of(tenant),
            total=total,
            hourly_cost=sum(one.hourly_cost for one in found),
            rows=rows_of(dearest[:_SHOWN], accounts),
        )

"""Keeps what we know of subscriptions true: by Stripe's events, by the number of accounts, and by reading it all."""

import logging
from collections.abc import Awaitable, Sequence

import msgspec

from engine.entitlements import accounts_to_pause, accounts_to_resume, after_reading, plan_of
from engine.errors import Conflict, Dd0cError, NotFound
from engine.models.account import AwsAccount
from engine.models.audit import ITSELF, AuditAction, AuditRecord
from engine.models.billing import Billing, BillingEvent, Plan, PlanNotice, PlanTurn, Subscription
from engine.models.delivery import DeliveryState
from engine.models.post import Post
from engine.models.settlement import Settlement
from engine.routing import people_of
from services.ports.billing import BillingGateway, BillingRows, PayingTenants, Seen
from services.ports.customers import Accounts, Tenants
from services.ports.injected import Clock

_log = logging.getLogger(__name__)
_SOURCE = "stripe"
_RACES = 5
_PAYMENT_FAILED = "invoice.payment_failed"


class Subscriptions:
    """An event only says that something changed: what it is now is read from Stripe before anything is done."""

    def __init__(
        self,
        *,
        gateway: BillingGateway,
        rows: BillingRows,
        paying: PayingTenants,
        seen: Seen,
        tenants: Tenants,
        accounts: Accounts,
        clock: Clock,
    ) -> None:
        self._gateway = gateway
        self._rows = rows
        self._paying = paying
        self._seen = seen
        self._tenants = tenants
        self._accounts = accounts
        self._clock = clock

    async def handle(self, event: BillingEvent) -> None:
        """Let an event take effect, once. Raises UpstreamError when it must be delivered again."""
        if await self._seen.is_seen(_SOURCE, event.event_id):
            return
        tenant_id = await self._paying.find_tenant_by_customer(event.customer_id) if event.customer_id else None
        if tenant_id is None:
            _log.warning("event %s of Stripe is about a customer of nobody's; it is left alone", event.event_id)
        else:
            await self.refresh(tenant_id, failed_invoice=event.invoice_id if event.kind == _PAYMENT_FAILED else "")
        await self._seen.mark_seen(_SOURCE, event.event_id, self._clock())

    async def refresh(self, tenant_id: str, *, failed_invoice: str = "") -> None:
        """Read what the tenant subscribes to, and let follow what must. Raises UpstreamError."""
        for attempt in range(_RACES):
            billing = await self._rows.find_billing(tenant_id)
            if not billing.customer_id:
                return
            subscription = await self._gateway.fetch_subscription(billing.customer_id)
            if attempt and not failed_invoice and billing.subscription == subscription:
                return  # Whoever was faster has settled just this.
            try:
                await self._settle(tenant_id, billing, subscription, failed_invoice)
            except Conflict:
                _log.info("tenant %s: its plan changed meanwhile; it is read again", tenant_id)
            else:
                return
        raise Conflict(f"Tenant {tenant_id}: its plan changes faster than it can be read.")

    async def _settle(
        self, tenant_id: str, billing: Billing, subscription: Subscription | None, failed_invoice: str = ""
    ) -> None:
        now = self._clock()
        accounts = await self._accounts.find_accounts(tenant_id)
        after = after_reading(billing, subscription, accounts, now)
        pause, resume = accounts_to_pause(after, accounts, now), accounts_to_resume(after, accounts)
        notices = _notices(billing, after, pause, resume)
        if failed_invoice:
            notices.append((f"payment-failed:{failed_invoice}", PlanNotice(turn=PlanTurn.PAYMENT_FAILED)))
        settlement = Settlement(
            billing=msgspec.structs.replace(after, revision=billing.revision + 1),
            paused=pause,
            resumed=resume,
            posts=await self._posts(tenant_id, notices),
            records=self._records(billing, after),
        )
        await self._rows.settle(tenant_id, settlement, now)

    async def _posts(self, tenant_id: str, notices: Sequence[tuple[str, PlanNotice]]) -> list[Post]:
        """A tenant that has no Slack workspace sees its plan on the pages only."""
        if not notices:
            return []
        tenant = await self._tenants.find_tenant(tenant_id)
        channel, now = next(iter(people_of(tenant)), tenant.alert_channel_id), self._clock()
        if not channel:
            return []
        return [
            Post(
                post_id=f"plan:{name}",
                content=notice,
                channel_id=channel,
                state=DeliveryState.PENDING,
                due_at=now,
                created_at=now,
            )
            for name, notice in notices
        ]

    def _records(self, before: Billing, after: Billing) -> list[AuditRecord]:
        if before.plan is after.plan:
            return []
        details = {"from": before.plan.value, "to": after.plan.value}
        return [AuditRecord(at=self._clock(), action=AuditAction.PLAN_CHANGED, actor=ITSELF, details=details)]

    async def follow_accounts(self) -> None:
        """Let every subscription pay for as many accounts as are watched. One that cannot be changed waits."""
        watched = await self._paying.count_watched()
        for tenant_id, billing in await self._paying.find_paying_tenants():
            quantity = max(1, watched.get(tenant_id, 0))
            subscription = billing.subscription
            if billing.plan is Plan.PRO and subscription is not None and subscription.quantity != quantity:
                await self._guarded(tenant_id, self._follow(tenant_id, subscription, quantity))

    async def _follow(self, tenant_id: str, subscription: Subscription, quantity: int) -> None:
        await self._gateway.set_quantity(subscription, quantity)
        await self.refresh(tenant_id)

    async def end_graces(self) -> None:
        """Pause what the plan does not cover, where the time for changing that is over."""
        for tenant_id in await self._paying.find_ended_graces(self._clock()):
            await self._guarded(tenant_id, self.refresh(tenant_id))

    async def reconcile(self) -> None:
        """Read everything again: an event may never have come."""
        for tenant_id, _ in await self._paying.find_paying_tenants():
            await self._guarded(tenant_id, self.refresh(tenant_id))

    async def end(self, tenant_id: str) -> None:
        """Nobody pays for what is gone. Raises UpstreamError; the tenant must stay until this has worked."""
        billing = await self._rows.find_billing(tenant_id)
        subscription = await self._gateway.fetch_subscription(billing.customer_id) if billing.customer_id else None
        if subscription is not None and plan_of(subscription) is Plan.PRO:
            await self._gateway.cancel(subscription)
            _log.info("tenant %s leaves; its subscription was cancelled", tenant_id)

    async def _guarded(self, tenant_id: str, work: Awaitable[None]) -> None:
        """One tenant's trouble holds up no other."""
        try:
            await work
        except NotFound:
            _log.info("tenant %s is gone", tenant_id)
        except Dd0cError as error:
            _log.warning("tenant %s: its subscription could not be read or changed: %s", tenant_id, error)


def _notices(
    before: Billing,
    after: Billing,
    paused: Sequence[AwsAccount],
    resumed: Sequence[AwsAccount],
) -> list[tuple[str, PlanNotice]]:
    """What people are told, each under a name of its own that makes it once."""
    told = []
    revision = before.revision + 1
    if before.plan is not after.plan:
        turn = PlanTurn.UPGRADED if after.plan is Plan.PRO else PlanTurn.DOWNGRADED
        told.append((f"{turn}:{revision}", PlanNotice(turn=turn, grace_until=after.grace_until)))
    if paused:
        named = tuple(account.account_id for account in paused)
        told.append((f"paused:{revision}", PlanNotice(turn=PlanTurn.PAUSED, account_ids=named)))
    if resumed:
        named = tuple(account.account_id for account in resumed)
        told.append((f"resumed:{revision}", PlanNotice(turn=PlanTurn.RESUMED, account_ids=named)))
    return told

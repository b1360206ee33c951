"""What a tenant's plan is, and the way to another: checkout to pay, the portal to change or cancel."""

from engine.entitlements import account_limit, accounts_once_paid, accounts_to_pay_for, counted, plan_of
from engine.errors import Conflict, InputError
from engine.models.billing import Billing, Plan, PlanReport
from services.ports.billing import BillingGateway, BillingRows
from services.ports.customers import Accounts, Tenants


class Plans:
    """Without a gateway there is no billing, and everything is allowed: the self-hosted case."""

    def __init__(
        self,
        *,
        gateway: BillingGateway | None,
        rows: BillingRows,
        tenants: Tenants,
        accounts: Accounts,
        upgrade_url: str = "",
    ) -> None:
        """``upgrade_url`` is a page of ours that leads an admin to the checkout."""
        self._gateway = gateway
        self._rows = rows
        self._tenants = tenants
        self._accounts = accounts
        self.upgrade_url = upgrade_url

    async def report(self, tenant_id: str) -> PlanReport:
        """Where the tenant stands. Raises NotFound for one that is gone."""
        accounts = await self._accounts.find_accounts(tenant_id)
        billing = Billing(plan=Plan.PRO) if self._gateway is None else await self._rows.find_billing(tenant_id)
        return PlanReport(
            billed=self._gateway is not None,
            billing=billing,
            accounts=len(counted(accounts)),
            paused=sum(account.paused_at is not None for account in accounts),
            limit=account_limit(billing),
            pay_for=accounts_to_pay_for(accounts),
        )

    async def limit(self, tenant_id: str) -> int | None:
        """How many AWS accounts may be connected; None means any number."""
        return None if self._gateway is None else account_limit(await self._rows.find_billing(tenant_id))

    async def open_checkout(self, tenant_id: str) -> str:
        """The address where the tenant subscribes. Raises Conflict for one that has, UpstreamError, InputError."""
        gateway = self._billed()
        billing = await self._rows.find_billing(tenant_id)
        if billing.plan is Plan.PRO or await _pays_already(gateway, billing.customer_id):
            raise Conflict("This workspace has Pro already. Its bills and its card are in the billing portal.")
        customer_id = billing.customer_id or await self._new_customer(gateway, tenant_id)
        accounts = await self._accounts.find_accounts(tenant_id)
        return await gateway.open_checkout(tenant_id, customer_id, accounts_once_paid(accounts))

    async def open_portal(self, tenant_id: str) -> str:
        """The address where bills, card and cancelling are. Raises Conflict for who never paid, UpstreamError."""
        gateway = self._billed()
        billing = await self._rows.find_billing(tenant_id)
        if not billing.customer_id:
            raise Conflict("This workspace never paid for anything, so there are no bills. Pro begins at the checkout.")
        return await gateway.open_portal(billing.customer_id)

    async def _new_customer(self, gateway: BillingGateway, tenant_id: str) -> str:
        """Of two at once, both pay as the same customer."""
        tenant = await self._tenants.find_tenant(tenant_id)
        created = await gateway.create_customer(tenant_id, tenant.team_name)
        return await self._rows.save_customer(tenant_id, created)

    def _billed(self) -> BillingGateway:
        if self._gateway is None:
            raise InputError("This installation has no billing: everything is included, for any number of accounts.")
        return self._gateway


async def _pays_already(gateway: BillingGateway, customer_id: str) -> bool:
    """What was just paid may not be known here yet, and nobody shall pay twice."""
    return bool(customer_id) and plan_of(await gateway.fetch_subscription(customer_id)) is Plan.PRO

"""Where tenants stand with their plan, beside the tenant itself: a change of either leaves the other alone."""

from collections.abc import Sequence
from datetime import datetime

from engine.errors import Conflict, NotFound
from engine.models.account import AwsAccount
from engine.models.billing import Billing
from engine.models.settlement import Settlement
from store.audit import Audit
from store.codec import clean, decode, plain, within
from store.database import Database
from store.errors import translated
from store.posts import Posts
from store.transactions import Session

_FIELDS = {"billing": 1}


class BillingRows:
    """The field ``billing`` of the collection ``tenants``; ``accounts``, ``posts`` and the audit log change with it."""

    def __init__(self, database: Database, posts: Posts, audit: Audit) -> None:
        self._database = database
        self._posts = posts
        self._audit = audit

    @translated
    async def find_billing(self, tenant_id: str) -> Billing:
        """Raise NotFound when there is no such tenant."""
        document = await self._database.tenants.find_one(within(tenant_id), _FIELDS)
        if document is None:
            raise _missing(tenant_id)
        return decode(Billing, document.get("billing") or {})

    @translated
    async def save_customer(self, tenant_id: str, customer_id: str) -> str:
        """Keep the id, unless one is kept already; gives the one that is kept. Raises NotFound."""
        without = within(tenant_id) | {"billing.customer_id": {"$in": [None, ""]}}
        await self._database.tenants.update_one(without, {"$set": {"billing.customer_id": clean(customer_id)}})
        return (await self.find_billing(tenant_id)).customer_id

    @translated
    async def settle(self, tenant_id: str, settlement: Settlement, now: datetime) -> None:
        """Store all of it in one transaction; raise Conflict when the tenant stands elsewhere since it was read."""
        before = settlement.billing.revision - 1
        unchanged = within(tenant_id) | {"billing.revision": before or {"$in": [None, 0]}}

        async def write(session: Session | None) -> None:
            changes = {"$set": {"billing": plain(settlement.billing)}}
            if not (await self._database.tenants.update_one(unchanged, changes, session=session)).matched_count:
                raise Conflict(f"The plan of tenant {tenant_id} changed meanwhile.")
            await self._mark(tenant_id, settlement.paused, now, session)
            await self._mark(tenant_id, settlement.resumed, None, session)
            for post in settlement.posts:
                await self._posts.add(tenant_id, post, session)
            for record in settlement.records:
                await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    async def _mark(
        self, tenant_id: str, accounts: Sequence[AwsAccount], paused_at: datetime | None, session: Session | None
    ) -> None:
        """An account that is on, or off, from now on; nothing else of it changes."""
        if accounts:
            named = within(tenant_id, account_id={"$in": [account.account_id for account in accounts]})
            await self._database.accounts.update_many(named, {"$set": {"paused_at": paused_at}}, session=session)


def _missing(tenant_id: str) -> NotFound:
    return NotFound(f"There is no tenant {tenant_id!r}.")

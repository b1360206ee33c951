"""How much may be spent a month."""

from engine.models.audit import AuditRecord
from engine.models.spend import BudgetKind, SpendBudget
from store.audit import Audit
from store.codec import encode, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import translated
from store.transactions import Session


class SpendBudgets:
    """The collection ``budgets``: one for each account and actor that has one."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._budgets = database.budgets
        self._audit = audit

    @translated
    async def find_budgets(self, tenant_id: str) -> list[SpendBudget]:
        """All of the tenant's, accounts first."""
        by = {"kind": OLDEST_FIRST, "subject": OLDEST_FIRST}
        return await find_all(self._budgets, SpendBudget, within(tenant_id), sort=by)

    @translated
    async def save_budget(self, tenant_id: str, budget: SpendBudget, record: AuditRecord) -> None:
        """Set it, in place of what its subject had, with the record, together."""
        row = within(tenant_id, kind=budget.kind.value, subject=budget.subject)

        async def write(session: Session | None) -> None:
            await self._budgets.replace_one(row, encode(tenant_id, budget), upsert=True, session=session)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def delete_budget(self, tenant_id: str, kind: BudgetKind, subject: str, record: AuditRecord) -> bool:
        """Take it away, with the record, together; False, and no record, where there is none."""
        row = within(tenant_id, kind=kind.value, subject=subject)

        async def write(session: Session | None) -> bool:
            gone = await self._budgets.delete_one(row, session=session)
            if gone.deleted_count:
                await self._audit.add(tenant_id, record, session)
            return bool(gone.deleted_count)

        return await self._database.transaction(write)

"""What AWS bills: where it is told, and where it is kept."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from engine.models.account import AwsAccount
from engine.models.audit import AuditRecord
from engine.models.spend import AccountBill, AwsAnomaly, BudgetKind, DayBill, Forecast, SpendBudget, TagBill
from engine.spend_table import Column


class BillSource(Protocol):
    """Cost Explorer through the customer's role. Each call is one page, and costs the customer about a cent."""

    async def fetch_days(
        self, account: AwsAccount, first_day: date, until: date, token: str = ""
    ) -> tuple[list[DayBill], str]:
        """A page of the days before ``until`` by service, and the next page's token, if any."""
        ...

    async def fetch_forecast(self, account: AwsAccount, first_day: date, until: date) -> Forecast:
        """What AWS expects from today on, before ``until``; Rejected where AWS knows too little."""
        ...

    async def fetch_anomalies(
        self, account: AwsAccount, first_day: date, until: date, token: str = ""
    ) -> tuple[list[AwsAnomaly], str]:
        """A page of what AWS's own detection found before ``until``, and the next page's token, if any."""
        ...


class TableFiles(Protocol):
    """What writes tables as Parquet; both methods raise InvalidSetting where that cannot be."""

    def require(self) -> None: ...

    def write(self, columns: Mapping[str, Column]) -> bytes: ...


class TagSource(Protocol):
    """Cost Explorer, asked by tag. Each call is one page, and costs the customer about a cent."""

    async def fetch_tag_days(
        self, account: AwsAccount, key: str, first_day: date, until: date, token: str = ""
    ) -> tuple[list[DayBill], str]:
        """A page of the days before ``until`` by a tag's values, and the next page's token, if any."""
        ...


class TagBills(Protocol):
    """What AWS told by tag."""

    async def find_tag_bills(self, tenant_id: str, key: str) -> list[TagBill]:
        """What is known by this key, by account."""
        ...

    async def save_tag_bill(self, tenant_id: str, found: TagBill, *, forget_before: datetime) -> None:
        """Keep it, and forget what nobody asked for since that moment."""
        ...


class Bills(Protocol):
    """What AWS told, and how often it was asked."""

    async def find_bills(self, tenant_id: str) -> list[AccountBill]:
        """What is known of each account's bill, by account."""
        ...

    async def find_days(self, tenant_id: str, first_day: date) -> list[DayBill]:
        """The days from this one on, of all accounts, oldest first."""
        ...

    async def begin_fetch(
        self, tenant_id: str, account_id: str, now: datetime, *, fetched_before: datetime, attempted_before: datetime
    ) -> bool:
        """Take it on to ask AWS; False when the bill is known well enough or somebody else is at it."""
        ...

    async def take_call(self, tenant_id: str, account_id: str, day: str, most: int) -> bool:
        """Count one question to AWS; False when ``most`` were asked on this day."""
        ...

    async def save_fetched(self, tenant_id: str, bill: AccountBill, days: Sequence[DayBill]) -> None:
        """Keep what AWS said, together; days that were not read stay as they are, and so does what was counted."""
        ...

    async def forget_days(self, tenant_id: str, before: date) -> None:
        """Forget days that nothing looks at any more."""
        ...


class SpendBudgets(Protocol):
    """How much may be spent a month."""

    async def find_budgets(self, tenant_id: str) -> list[SpendBudget]:
        """All of the tenant's, accounts first."""
        ...

    async def save_budget(self, tenant_id: str, budget: SpendBudget, record: AuditRecord) -> None:
        """Set it, in place of what its subject had, with the record, together."""
        ...

    async def delete_budget(self, tenant_id: str, kind: BudgetKind, subject: str, record: AuditRecord) -> bool:
        """Take it away, with the record, together; False, and no record, where there is none."""
        ...

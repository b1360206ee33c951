"""A bill of one day, and a budget."""

from datetime import date
from typing import Any

from engine.models.spend import AccountBill, BudgetKind, DayBill, ServiceCost, SpendBudget, TagBill
from tests.store.samples import ACCOUNT, NOW

DAY = date(2026, 3, 9)


def day_bill(**changes: Any) -> DayBill:
    given: dict[str, Any] = {"account_id": ACCOUNT, "day": DAY, "costs": (ServiceCost("AWS Lambda", 1.25),), **changes}
    return DayBill(**given)


def bill(**changes: Any) -> AccountBill:
    given: dict[str, Any] = {"account_id": ACCOUNT, "fetched_at": NOW, **changes}
    return AccountBill(**given)


def spend_budget(**changes: Any) -> SpendBudget:
    given: dict[str, Any] = {"kind": BudgetKind.ACCOUNT, "subject": ACCOUNT, "monthly_usd": 2000.0, **changes}
    return SpendBudget(set_by="U1", set_at=NOW, **given)


def tag_bill(**changes: Any) -> TagBill:
    given: dict[str, Any] = {"account_id": ACCOUNT, "key": "team", "fetched_at": NOW, "days": (day_bill(),), **changes}
    return TagBill(**given)

"""Wiring of what is told of spend."""

from bot.identity import utc_now
from services.month_estimate import MonthEstimates
from services.ports import ChartAddresses
from services.spend_budgets import BudgetSettings
from services.spend_report import SpendReports
from store.connect import Store


def build_spend(store: Store, charts: ChartAddresses) -> SpendReports:
    """Give what reports spend."""
    return SpendReports(
        accounts=store.accounts,
        search=store.search,
        spending=store.spending,
        bills=store.bills,
        months=_months(store),
        charts=charts,
        clock=utc_now,
    )


def build_spend_budgets(store: Store) -> BudgetSettings:
    """Give what shows and sets budgets."""
    return BudgetSettings(store.spend_budgets, store.accounts, store.spending, _months(store), utc_now)


def _months(store: Store) -> MonthEstimates:
    return MonthEstimates(store.spending, store.bills, utc_now)

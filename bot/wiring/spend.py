"""Wiring of what is told of spend."""

from bot.identity import utc_now
from bot.settings import CoreSettings
from bot.work_queue import aws_identity
from clients.aws.connect import connect_bills
from services.month_estimate import MonthEstimates
from services.ports import ChartAddresses
from services.spend_budgets import BudgetSettings
from services.spend_report import SpendReports
from services.spend_tags import TagSpend
from store.connect import Store


def build_spend(store: Store, charts: ChartAddresses) -> SpendReports:
    """Give what reports spend."""
    return SpendReports(
        accounts=store.accounts,
        search=store.search,
        spending=store.spending,
        bills=store.bills,
        tags=store.spend_tags,
        months=_months(store),
        charts=charts,
        clock=utc_now,
    )


def build_spend_tags(settings: CoreSettings, store: Store) -> TagSpend:
    """Give what asks AWS for spend by tag."""
    source = connect_bills(aws_identity(settings, store), clock=utc_now)
    return TagSpend(store.accounts, source, store.bills, store.spend_tags, utc_now)


def build_spend_budgets(store: Store) -> BudgetSettings:
    """Give what shows and sets budgets."""
    return BudgetSettings(store.spend_budgets, store.accounts, store.spending, _months(store), utc_now)


def _months(store: Store) -> MonthEstimates:
    return MonthEstimates(store.spending, store.bills, utc_now)

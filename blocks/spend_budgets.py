"""Budgets: what there is, and that one was passed."""

from collections.abc import Sequence

from blocks.card import Card, context, fitting, header, paragraphs, repeat_note, section, shorten
from blocks.money import usd
from blocks.spend_words import named_actor
from blocks.text import escape, short_actor
from engine.models.post import BudgetNotice
from engine.models.spend import BudgetKind
from engine.models.spend_report import BudgetRow

_SHOWN = 20
_ROOM = 10_000
_MANY_TIMES = 10
_HOW = "An admin sets one: `/dd0c spend budget ACCOUNT|ACTOR $2000`, or `off`. Months are UTC's."


def spend_budgets(rows: Sequence[BudgetRow]) -> Card:
    """List all budgets beside their months."""
    if not rows:
        return Card("There is no budget.", [section("none", f"There is no budget. {_HOW}")])
    lines = fitting(shorten([_row(one) for one in rows], _SHOWN, "budget"), _ROOM)
    summary = f"Budgets of this month: {len(rows):,}"
    return Card(summary, [header("Budgets"), *paragraphs("budgets", lines), context("how", [_HOW])])


def _row(row: BudgetRow) -> str:
    budget = row.budget
    spent = f"{usd(row.actual_usd)} so far ({_share(row.actual_usd, budget.monthly_usd)})"
    ahead = f"about {usd(row.forecast_usd)} by its end ({_share(row.forecast_usd, budget.monthly_usd)})"
    named = named_actor(row.name) if budget.kind is BudgetKind.ACTOR else f"*{escape(row.name, 80)}*"
    return f"• {budget.kind.value} {named}: {usd(budget.monthly_usd)} a month; {spent}, {ahead}"


def budget_notice(notice: BudgetNotice, *, may_repeat: bool = False) -> Card:
    """Say that a step was passed, or is going to be."""
    what = "is going to reach" if notice.is_forecast else "has reached"
    is_account = notice.kind is BudgetKind.ACCOUNT
    whose = f"Account {escape(notice.name, 80)}" if is_account else f"Actor {escape(short_actor(notice.name), 80)}"
    budget = f"{notice.percent} % of its budget of {usd(notice.monthly_usd)}"
    text = f"{whose} {what} {budget} in {escape(notice.month, 30)}."
    so_far, by_end = (_share(one, notice.monthly_usd) for one in (notice.actual_usd, notice.forecast_usd))
    sums = (
        f"{usd(notice.actual_usd)} so far ({so_far}), about {usd(notice.forecast_usd)} by the month's end ({by_end})."
    )
    how = context("how", ["`/dd0c spend` says what costs most; `/dd0c spend budget` lists all budgets."])
    return Card(text, [section("budget", f"*{text}*\n{sums}"), how, *repeat_note(may_repeat=may_repeat)])


def _share(amount: float, of: float) -> str:
    """How much of a budget a sum is; what is far above it is easier to grasp in times than in percent.

    >>> _share(30, 2000), _share(20_000, 2000), _share(3_027_960, 2000)
    ('2 %', '1,000 %', '1,514 times the budget')
    """
    if not of:
        return "all"
    return f"{amount / of * 100:,.0f} %" if amount <= of * _MANY_TIMES else f"{amount / of:,.0f} times the budget"

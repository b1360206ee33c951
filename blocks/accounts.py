"""The answer to ``/dd0c accounts``: one line for each, what is in trouble first, in pages."""

from collections.abc import Sequence

from blocks.anomaly_words import account
from blocks.card import Block, Card, context, header, paragraphs, section
from blocks.command_buttons import buttons, command_button
from blocks.money import per_hour
from blocks.status import status_words
from blocks.text import count, escape
from engine.models.account import AccountStatus
from engine.models.report import AccountHealth, StatusReport

PAGE = 40
_HOW = "`/dd0c status` tells more, `/dd0c connect` watches one more, `/dd0c disconnect` stops watching one."
_WATCHED = frozenset({AccountStatus.ACTIVE, AccountStatus.LEARNING})


def accounts(report: StatusReport, page: int = 1) -> Card:
    """List a page of the connected AWS accounts; behind the last page stands the last."""
    if not report.accounts:
        text = "No AWS account is connected yet. `/dd0c connect` starts it."
        return Card(text, [section("none", text)])
    ordered = in_order(report.accounts)
    pages = -(-len(ordered) // PAGE)
    page = min(page, pages)
    lines = [account_line(one) for one in ordered[(page - 1) * PAGE : page * PAGE]]
    text = f"{count(len(ordered), 'AWS account')} connected"
    blocks = [header("AWS accounts"), section("counts", text), *paragraphs("accounts", lines), *_paging(page, pages)]
    return Card(text, blocks)


def in_order(accounts: Sequence[AccountHealth]) -> list[AccountHealth]:
    """What is in trouble first, then by name."""
    return sorted(accounts, key=lambda one: (not one.in_trouble, one.name, one.account_id))


def _paging(page: int, pages: int) -> list[Block]:
    elements = [command_button("previous", "Previous", f"accounts --page {page - 1}")] if page > 1 else []
    if page < pages:
        elements.append(command_button("next", "Next", f"accounts --page {page + 1}"))
    where = [f"Page {page:,} of {pages:,}."] if pages > 1 else []
    return [*buttons("paging", elements), context("how", [" ".join([*where, _HOW])])]


def account_line(one: AccountHealth) -> str:
    """Name, state, mode and running cost, and the key by which it is read."""
    trouble = ", in trouble" if one.in_trouble and one.status in _WATCHED else ""
    running = f", {one.mode.value} mode, running {per_hour(one.running_hourly_cost)}" if one.status in _WATCHED else ""
    key = f", by {escape(one.access_key, 40)}" if one.access_key else ""
    return f"*{account(one.name, one.account_id)}*: {status_words(one)}{trouble}{running}{key}"

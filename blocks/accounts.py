"""The answer to ``/dd0c accounts``: one line for each, what is in trouble first."""

from blocks.anomaly_words import account
from blocks.card import Card, context, header, paragraphs, section, shorten
from blocks.money import per_hour
from blocks.status import STATUS_WORDS
from blocks.text import count
from engine.models.account import AccountStatus
from engine.models.report import AccountHealth, StatusReport

_SHOWN = 60
_HOW = "`/dd0c status` tells more, `/dd0c connect` watches one more, `/dd0c disconnect` stops watching one."
_WATCHED = frozenset({AccountStatus.ACTIVE, AccountStatus.LEARNING})


def accounts(report: StatusReport) -> Card:
    """List the connected AWS accounts."""
    if not report.accounts:
        text = "No AWS account is connected yet. `/dd0c connect` starts it."
        return Card(text, [section("none", text)])
    ordered = sorted(report.accounts, key=lambda one: (not one.in_trouble, one.name, one.account_id))
    lines = shorten([_line(one) for one in ordered], _SHOWN, "account")
    text = f"{count(len(ordered), 'AWS account')} connected"
    return Card(text, [header("AWS accounts"), *paragraphs("accounts", lines), context("how", [_HOW])])


def _line(one: AccountHealth) -> str:
    trouble = ", in trouble" if one.in_trouble and one.status in _WATCHED else ""
    running = f", {one.mode.value} mode, running {per_hour(one.running_hourly_cost)}" if one.status in _WATCHED else ""
    return f"*{account(one.name, one.account_id)}*: {STATUS_WORDS[one.status]}{trouble}{running}"

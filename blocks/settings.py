"""The answer to ``/dd0c settings``."""

from collections.abc import Iterable

from blocks.anomaly_words import account as account_name
from blocks.card import MESSAGE_LIMIT, Card, context, fitting, header, paragraphs, section
from blocks.command_buttons import buttons, command_button
from blocks.mode import mode_reason
from blocks.text import code, count
from engine.models.preferences import AccountSettings, SettingsReport
from engine.models.sensitivity import SensitivityRule

_PAGE = 2900
_MOST_LINES = 100
_ROOM = MESSAGE_LIMIT - 800  # The header, what was changed, how to change it, and how many lines are left out.
_CHOSEN = {
    "strict": "Strict mode is chosen for {}: everything is logged, and nobody is told, not even of the very expensive.",
    "default": "Nobody's choice holds for {} any more; what each account has earned, and the operator's policy, do.",
}
_HOW = "`/dd0c settings sensitivity low|medium|high [--account A] [--service S] [--type T]` changes it, "
_HOW_MODE = "`/dd0c settings mode strict|default [--account A]` the mode."
_ROUTES = command_button("routes", "Where cards go", "settings route")
_WHAT = "Low needs stronger reasons to alert, high weaker ones. Very expensive launches alert whatever is set."


def settings(report: SettingsReport) -> Card:
    """Show what is set, and what has just been changed.

    >>> settings(SettingsReport(())).text
    'No AWS account is connected yet.'
    """
    if not report.accounts:
        none = "No AWS account is connected yet."
        return Card(none, [section("none", none), *buttons("more", [_ROUTES])])
    said = _changed(report)
    lines = [line for account in report.accounts for line in _account(account)]
    shown = fitting(lines[:_MOST_LINES], _ROOM)
    rest = [f"and {count(len(lines) - len(shown), 'more line')}"] if len(shown) < len(lines) else []
    blocks = [header("Settings"), *([section("changed", said)] if said else [])]
    blocks += [
        *paragraphs("accounts", [*shown, *rest], _PAGE),
        *buttons("more", [_ROUTES]),
        context("how", [_WHAT, _HOW + _HOW_MODE]),
    ]
    return Card(said or "Settings", blocks)


def _changed(report: SettingsReport) -> str:
    if report.changed is None and report.chosen_mode not in _CHOSEN:
        return ""
    named = [account_name(one.name, one.account_id) for one in report.accounts if one.account_id in report.changed_ids]
    where = named[0] if len(named) == 1 else count(len(named), "account")
    if report.changed is None:
        return _CHOSEN[report.chosen_mode].format(where if named else "all accounts, also those connected later")
    return f"Sensitivity is now {report.changed.level.value} for {_scope(report.changed)} in {where}."


def _account(account: AccountSettings) -> Iterable[str]:
    """The name with its mode, the account's own level, and what differs from it."""
    by = mode_reason(account.mode_set_by, by_policy=account.mode_by_policy)
    yield f"*{account_name(account.name, account.account_id)}*: {account.mode.value} mode{by}"
    whole = [rule for rule in account.sensitivities if not (rule.service or rule.resource_type)]
    yield f"• sensitivity {whole[0].level.value if whole else 'medium'}"
    for rule in account.sensitivities:
        if rule not in whole:
            yield f"• {rule.level.value} for {_scope(rule)}"


def _scope(rule: SensitivityRule) -> str:
    named = " of ".join(code(one, 100) for one in (rule.resource_type, rule.service) if one)
    return named or "everything"

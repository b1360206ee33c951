"""Which channel takes which cards: the answer to ``/dd0c settings route``, and the form that changes it."""

from collections.abc import Sequence

from blocks.anomaly_words import SEVERITY_WORDS
from blocks.anomaly_words import account as account_name
from blocks.card import Block, Card, button, context, fitting, header, paragraphs, plain_text, section
from blocks.form_modal import modal
from blocks.text import channel, count, is_channel_id, mention, plain
from engine.models.anomaly import Severity
from engine.models.routing import Route, RouteRow, RoutesReport

OPEN = "routes.open"
REMOVE = "routes.remove"
TITLE = "Where cards go"
CALLBACK = "routes.save"
ACCOUNT, SEVERITY, CHANNEL = "account", "severity", "channel"
ANY = "any"
_MOST_OPTIONS = 100
_MOST_LINES = 100
_MOST_REMOVED_HERE = 20
_ROOM = 8000
_SEVERITIES = (Severity.CRITICAL, Severity.WARNING)
_HOW = (
    "`/dd0c settings route prod #aws-prod`, `... route critical #oncall`, `... route prod critical #oncall`, "
    "`... route prod off`; `/dd0c settings budget 30` sets how many cards a channel takes a day."
)
_RULE = (
    "A route for an account and a severity counts most, then one for an account, then one for a severity. "
    "A card that is posted stays where it is."
)


def scope(row: RouteRow) -> str:
    """Say which cards a route is about.

    >>> scope(RouteRow(route=Route(channel_id="C1", severity=Severity.CRITICAL)))
    'critical cards of all accounts'
    """
    severity = row.route.severity
    cards = f"{SEVERITY_WORDS[severity].lower()} cards" if severity else "all cards"
    return (
        f"{cards} of {account_name(row.account_name, row.route.account_id) if row.route.account_id else 'all accounts'}"
    )


def routes(report: RoutesReport) -> Card:
    """List where cards go, with a button that opens the form."""
    said = _said(report)
    lines = fitting([_line(row) for row in report.rows[:_MOST_LINES]], _ROOM)
    rest = [f"_and {len(report.rows) - len(lines):,} more_"] if len(lines) < len(report.rows) else []
    blocks = [
        header("Where cards go"),
        *([section("changed", said)] if said else []),
        *paragraphs("routes", [*lines, *rest, _default(report)]),
        section("budget", _budget(report)),
        {"type": "actions", "block_id": "routes", "elements": [button(OPEN, "Change routes...", "open")]},
        context("how", [_RULE, _HOW]),
    ]
    return Card(said or "Where cards go", blocks)


def _said(report: RoutesReport) -> str:
    if report.changed is not None:
        return f"{_capital(scope(report.changed))} go to {channel(report.changed.route.channel_id)} from now on."
    if report.removed is not None:
        return f"There is no route for {scope(report.removed)} any more."
    return ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(row: RouteRow) -> str:
    return f"• {scope(row)}: {channel(row.route.channel_id)}{_lost(row.is_lost)}"


def _lost(is_lost: bool) -> str:
    return " (it took no card the last time: say `/invite @dd0c` there, or change this)" if is_lost else ""


def _default(report: RoutesReport) -> str:
    which = "all other cards" if report.rows else "all cards"
    if report.alert_channel_id:
        return f"• {which}: {channel(report.alert_channel_id)}{_lost(report.is_default_lost)}"
    return f"• {which}: {mention(report.installer_user_id)} alone, until a channel is chosen"


def _budget(report: RoutesReport) -> str:
    if not report.alert_budget:
        return "A channel takes any number of cards a day."
    most = count(report.alert_budget, "card")
    return (
        f"A channel takes up to {most} a day; what is beyond is told in one message there, and what the safety net "
        "catches always has its card."
    )


def routes_form(report: RoutesReport, channel_id: str) -> Block:
    """The form: what there is, each with a button that takes it away, and a new one.

    The id is that of the channel where it was opened, which is told what came of it.
    """
    said = _said(report)
    listed = [_removable(number, row) for number, row in enumerate(report.rows[:_MOST_REMOVED_HERE])]
    blocks = [
        *([section("changed", said)] if said else []),
        *listed,
        section("default", _default(report)),
        {"type": "divider", "block_id": "new"},
        _select(ACCOUNT, "Cards of", _accounts(report.accounts)),
        _select(
            SEVERITY,
            "Severity",
            [_option("Any", ANY), *(_option(SEVERITY_WORDS[one], one.value) for one in _SEVERITIES)],
        ),
        _channels(report.alert_channel_id),
        context("how", [_RULE]),
    ]
    return {
        **modal(TITLE, blocks),
        "callback_id": CALLBACK,
        "private_metadata": channel_id,
        "submit": plain_text("Save", 24),
    }


def _removable(number: int, row: RouteRow) -> Block:
    remove = button(REMOVE, "Remove", route_value(row.route))
    return {**section(f"route:{number}", _line(row)), "accessory": remove}


def route_value(route: Route) -> str:
    """Name a route's case, for a button.

    >>> route_value(Route(channel_id="C1", account_id="123456789012"))
    '123456789012 any'
    """
    return f"{route.account_id or ANY} {route.severity.value if route.severity else ANY}"


def _accounts(accounts: Sequence[tuple[str, str]]) -> list[Block]:
    named = [_option(f"{plain(name, 50)} ({account_id})", account_id) for account_id, name in accounts]
    return [_option("All accounts", ANY), *named[: _MOST_OPTIONS - 1]]


def _option(text: str, value: str) -> Block:
    return {"text": plain_text(text, 75), "value": value}


def _select(name: str, label: str, options: list[Block]) -> Block:
    element: Block = {"type": "static_select", "action_id": name, "options": options, "initial_option": options[0]}
    return {"type": "input", "block_id": name, "label": plain_text(label, 2000), "element": element}


def _channels(channel_id: str) -> Block:
    element: Block = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": plain_text("Choose a channel", 150),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if is_channel_id(channel_id):
        element["initial_conversation"] = channel_id
    hint = "A line is posted there first. In a private channel, say /invite @dd0c before."
    return {
        "type": "input",
        "block_id": CHANNEL,
        "label": plain_text("Channel", 2000),
        "element": element,
        "hint": plain_text(hint, 2000),
    }

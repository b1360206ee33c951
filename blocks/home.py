"""The App Home: all that matters at a glance, with buttons for what else there is."""

from collections.abc import Iterable

from blocks.accounts import account_line, in_order
from blocks.anomaly_actions import actions_block, verdict_line
from blocks.anomaly_rows import row_text
from blocks.card import Block, button, confirmation, context, fitting, paragraphs, section
from blocks.card import header as headline
from blocks.command_buttons import RUN_COMMAND, buttons, command_button
from blocks.digest_setting import schedule_words
from blocks.help import COMMANDS
from blocks.lost_channel import lost_line
from blocks.money import rates
from blocks.panic import panic_words
from blocks.quiet import pattern_section
from blocks.status_sources import lag_words
from blocks.text import channel, count, mention, when
from blocks.welcome import with_channel_select
from blocks.zombie_watch import worth
from engine.models.account import Role
from engine.models.home import HomeAnomaly, HomeReport
from engine.models.report import AccountHealth
from engine.roles import Deed, may

_ANOMALIES_SHOWN = 10
_QUIET_SHOWN = 8
_ACCOUNTS_SHOWN = 40
_ACCOUNTS_ROOM = 6000
# These say nothing without more words, so their buttons tell which.
_NEED_WORDS = frozenset({"explain", "expect", "connect", "disconnect"})
_DEEDS = {
    "expect": Deed.DECLARE,
    "pause": Deed.PAUSE,
    "connect": Deed.CONNECT,
    "disconnect": Deed.DISCONNECT,
}
_IN_BANNER = "resume"


def home(view: HomeReport) -> Block:
    """Draw the tab for one person: what their role does not suffice for is not offered."""
    blocks = [
        *_banner(view),
        headline("dd0c/cost"),
        section("summary", _summary(view)),
        *_anomalies(view),
        *_accounts(view),
        *_quiet(view),
        *_commands(view),
        *_settings(view),
        context("as_of", [f"{when(view.status.as_of, 'As of')}. Your role: {view.role.value}."]),
    ]
    return {"type": "home", "blocks": blocks}


def _banner(view: HomeReport) -> list[Block]:
    panic = view.tenant.operator_panic
    return [*([section("panic", panic_words(panic))] if panic is not None else []), *_pause_banner(view)]


def _pause_banner(view: HomeReport) -> list[Block]:
    tenant = view.tenant
    if not tenant.panic_mode:
        return []
    since = f" {when(tenant.paused_at, 'since')}" if tenant.paused_at else ""
    text = f"*Alerting is paused*{since}, by {mention(tenant.paused_by)}: everything is logged, and nothing is sent."
    resume = [command_button(_IN_BANNER, "Resume alerting", "resume")] if may(view.role, Deed.RESUME) else []
    return [section("paused", text), *buttons("paused_actions", resume)]


def _summary(view: HomeReport) -> str:
    accounts = view.status.accounts
    if not accounts:
        return "No AWS account is connected yet. `/dd0c connect 123456789012` in any channel starts it."
    troubled = sum(one.in_trouble for one in accounts)
    health = f"*{troubled:,} in trouble*" if troubled else "none in trouble"
    open_count = count(view.open_count, "open anomaly", "open anomalies")
    running = rates(sum(one.running_hourly_cost for one in accounts))
    lines = [f"{count(len(accounts), 'AWS account')}, {health}; {open_count}", f"Running now: *{running}*"]
    if view.zombies is not None and view.zombies.count:
        lines.append(f"Zombies: *{worth(view.zombies)}*")
    if stuck := len(view.status.deliveries) + len(view.status.posts):
        lines.append(f"*{count(stuck, 'message')} did not get through*: Status tells which.")
    if view.status.lost_channel_id:
        lines.append(lost_line(view.status.lost_channel_id, view.status.lost_to))
    return "\n".join(lines)


def _commands(view: HomeReport) -> list[Block]:
    """Every command's word as a button; the one that ends a pause stands beside what says that there is one."""
    hidden = {_IN_BANNER, "pause"} if view.tenant.panic_mode else {_IN_BANNER}
    words = [word for word in COMMANDS if word not in hidden and may(view.role, _DEEDS.get(word, Deed.LOOK))]
    return [
        {"type": "divider", "block_id": "before_commands"},
        *buttons("commands", [_command(word) for word in words]),
    ]


def _command(word: str) -> Block:
    label = f"{word[0].upper()}{word[1:]}"
    if word == "pause":
        ask = confirmation(
            "Pause alerting?", "No card, digest or notice is sent until somebody resumes alerting.", "Pause alerting"
        )
        return button(f"{RUN_COMMAND}:{word}", label, word, confirm=ask)
    return command_button(word, f"{label}..." if word in _NEED_WORDS else label, _line(word))


def _line(word: str) -> str:
    return f"help {word}" if word in _NEED_WORDS else word


def _anomalies(view: HomeReport) -> list[Block]:
    title = section("anomalies", f"*Open anomalies* ({view.open_count:,})")
    if not view.anomalies:
        return [{"type": "divider", "block_id": "before_anomalies"}, section("anomalies", "*Nothing is open.*")]
    # Slack refuses a view in which two blocks have the same id.
    known = {one.anomaly.anomaly_id: one for one in view.anomalies}
    shown = sorted(known.values(), key=lambda one: -one.anomaly.running_hourly_cost)[:_ANOMALIES_SHOWN]
    rows = [block for number, one in enumerate(shown) for block in _anomaly(number, one, view)]
    rest = view.open_count - len(shown)
    more = [command_button("more", f"{count(rest, 'more')[:60]}", "anomalies --since 90d --open")] if rest > 0 else []
    return [{"type": "divider", "block_id": "before_anomalies"}, title, *rows, *buttons("more_anomalies", more)]


def _anomaly(number: int, one: HomeAnomaly, view: HomeReport) -> Iterable[Block]:
    said = verdict_line(one.anomaly)
    card = f" · <{one.card_url}|card>" if _is_address(one.card_url) else ""
    yield section(f"anomaly_row:{number}", "".join([row_text(one.row), card, f"\n{said}" if said else ""]))
    if may(view.role, Deed.ANSWER):
        yield actions_block(one.anomaly)


def _is_address(url: str) -> bool:
    """Slack gives addresses that can stand in a link; whatever else comes is not shown."""
    return url.startswith(("https://", "http://")) and not set(url) & set("<>|& \n")


def _quiet(view: HomeReport) -> list[Block]:
    if not view.quiet:
        return []
    may_end = may(view.role, Deed.END_QUIET)
    rows = [pattern_section(f"quiet:{at}", one, may_end=may_end) for at, one in enumerate(view.quiet[:_QUIET_SHOWN])]
    rest = len(view.quiet) - len(rows)
    more = [context("more_quiet", [f"And {rest:,} more: Snoozes lists them."])] if rest > 0 else []
    title = section("quiet", f"*Snoozed and expected* ({len(view.quiet):,})")
    return [{"type": "divider", "block_id": "before_quiet"}, title, *rows, *more]


def _accounts(view: HomeReport) -> list[Block]:
    """As many as there is room for, what is in trouble first; the rest is counted and one button away."""
    ordered = in_order(view.status.accounts)
    if not ordered:
        return []
    lines = fitting(map(_account, ordered[:_ACCOUNTS_SHOWN]), _ACCOUNTS_ROOM)
    rest = len(ordered) - len(lines)
    more = [command_button("all_accounts", f"All {len(ordered):,} accounts", "accounts")] if rest else []
    title = section("accounts_title", f"*AWS accounts* ({len(ordered):,})")
    divider = {"type": "divider", "block_id": "before_accounts"}
    return [divider, title, *paragraphs("accounts", lines), *buttons("more_accounts", more)]


def _account(health: AccountHealth) -> str:
    newest = f", {when(health.last_record_time, 'newest record')}" if health.last_record_time else ""
    return f"{account_line(health)}{newest}{lag_words(health)}"


def _settings(view: HomeReport) -> list[Block]:
    tenant = view.tenant
    where = (
        channel(tenant.alert_channel_id) if tenant.alert_channel_id else "whoever installed dd0c, for want of a channel"
    )
    lost = ", *which takes no cards*" if tenant.alert_channel_id in tenant.lost_channel_ids else ""
    admins = [who for who in dict.fromkeys([tenant.installer_user_id, *_admins(view)]) if who]
    rules = count(view.own_rules, "sensitivity of its own", "sensitivities of their own")
    cards = section("channel", f"*Settings*\nCards go to {where}{lost}.")
    if may(view.role, Deed.CHANGE_SETTINGS):
        cards = with_channel_select(cards, tenant.alert_channel_id)
    lines = [
        f"Digest: {schedule_words(tenant.digest)}",
        f"Admins: {', '.join(map(mention, admins[:5])) or 'everybody, as none was named'}",
        f"Accounts have {rules}" if view.own_rules else "All accounts alert at the usual sensitivity",
    ]
    return [{"type": "divider", "block_id": "before_settings"}, cards, section("settings", "\n".join(lines))]


def _admins(view: HomeReport) -> list[str]:
    return [who for who, role in view.tenant.roles.items() if role is Role.ADMIN]

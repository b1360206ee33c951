"""The answer to ``/dd0c status``: what is watched, what is learned, what is wrong."""

from blocks.anomaly_words import account
from blocks.card import (
    MESSAGE_LIMIT,
    SECTION_LIMIT,
    Block,
    Card,
    context,
    fitting,
    header,
    paragraphs,
    section,
    shorten,
    size,
)
from blocks.lost_channel import lost_line
from blocks.mode import mode_reason
from blocks.money import rates
from blocks.panic import panic_words
from blocks.spend_words import grade_words
from blocks.status_deliveries import delivery_blocks
from blocks.status_sources import source_lines
from blocks.text import count, escape, length, when
from engine.models.account import AccountStatus, GovernanceMode
from engine.models.report import AccountHealth, StatusReport
from engine.models.spend_report import Grade

_ACCOUNTS_SHOWN = 6
_REST_ROOM = 120  # What _rest says of the accounts left out.
_TROUBLES_SHOWN = 3

_STATUS_WORDS = {
    AccountStatus.PENDING: "waiting for its role",
    AccountStatus.LEARNING: "reading its history",
    AccountStatus.ACTIVE: "watched",
    AccountStatus.DENIED: "NOT WATCHED, access denied",
    AccountStatus.DISCONNECTING: "disconnecting",
}
_MODE_WORDS = {
    GovernanceMode.STRICT: "strict mode: only very expensive launches alert",
    GovernanceMode.AUDIT: "audit mode: alerts as scored",
}


def status(report: StatusReport, graded: Grade | None = None) -> Card:
    """Show the health of everything, what is in trouble first, and how good the cards were."""
    summary = _summary(report)
    above = [header("Status"), section("summary", summary)]
    below = [
        *delivery_blocks(report),
        *_files(report.file_troubles),
        *_work_queue(report),
        *([section("grade", words)] if (words := grade_words(graded)) else []),
        context("as_of", [when(report.as_of, "As of")]),
    ]
    accounts = _accounts(report.accounts, MESSAGE_LIMIT - size([*above, *below]))
    return Card(summary.replace("\n", " "), [*above, *accounts, *below])


def _accounts(accounts: tuple[AccountHealth, ...], room: int) -> list[Block]:
    """All that are in trouble as far as there is room, and a few others."""
    ordered = sorted(accounts, key=lambda health: not health.in_trouble)
    most = max(_ACCOUNTS_SHOWN, sum(health.in_trouble for health in accounts))
    texts = fitting(map(_account, ordered[:most]), room - _REST_ROOM)
    parts = [part for text in texts for part in _parts(text)]
    return paragraphs("accounts", [*parts, *_rest(ordered[len(texts) :])])


def _rest(accounts: list[AccountHealth]) -> list[str]:
    """What is not shown is counted, and what is wrong with it is not hidden."""
    if not accounts:
        return []
    troubled = sum(health.in_trouble for health in accounts)
    trouble = f", {troubled:,} of them in trouble" if troubled else ""
    return [f"_and {count(len(accounts), 'more account')}{trouble}_; `/dd0c accounts` lists them in a line each"]


def _summary(report: StatusReport) -> str:
    if not report.accounts:
        return "No AWS account is connected yet. `/dd0c connect` starts it."
    troubled = sum(health.in_trouble for health in report.accounts)
    health = f"{troubled:,} in trouble" if troubled else "none in trouble"
    anomalies = count(report.open_anomalies, "open anomaly", "open anomalies")
    lines = [f"{count(len(report.accounts), 'account')}, {health}; {anomalies}"]
    if report.panic_mode:
        lines.append("*Alerting is paused (panic mode): no card, digest or notice is sent.*")
    if report.operator_panic is not None:
        lines.append(panic_words(report.operator_panic))
    if report.lost_channel_id:
        lines.append(lost_line(report.lost_channel_id, report.lost_to))
    return "\n".join(lines)


def _parts(text: str) -> list[str]:
    """An account stays together unless it is more than a section holds."""
    return [text] if length(text) <= SECTION_LIMIT else text.split("\n")


def _account(health: AccountHealth) -> str:
    lines = [f"*{account(health.name, health.account_id)}*: {status_words(health)}"]
    if health.status_detail.strip():
        lines.append(escape(health.status_detail, 300))
    if health.access_key:
        lines.append(f"Read by {escape(health.access_key, 40)}")
    lines += shorten(
        [f"• {escape(one.region, 30)} cannot be read: {escape(one.error, 150)}" for one in health.region_troubles],
        _TROUBLES_SHOWN,
        "Region",
    )
    if health.status is not AccountStatus.PENDING:
        lines += [*_learning(health), _mode(health), _reading(health), *source_lines(health), _counters(health)]
    return "\n".join(lines)


def status_words(health: AccountHealth) -> str:
    """Say how an account is, as far as that fits into a few words."""
    paused = health.is_paused and health.status is not AccountStatus.DISCONNECTING
    return "NOT WATCHED, the plan does not cover it (`/dd0c plan`)" if paused else _STATUS_WORDS[health.status]


def _mode(health: AccountHealth) -> str:
    is_chosen = bool(health.mode_set_by) and health.mode is GovernanceMode.STRICT
    words = "strict mode: nobody is told of anything" if is_chosen else _MODE_WORDS[health.mode]
    return words.capitalize() + mode_reason(health.mode_set_by, by_policy=health.mode_by_policy)


def _learning(health: AccountHealth) -> list[str]:
    if not health.is_young:
        return []
    days = f"{min(health.history_days, health.history_days_needed)} of {health.history_days_needed} days"
    events = f"{min(health.events_seen, health.events_needed)} of {health.events_needed} cost events"
    return [f"Learning what is normal: {days}, {events}"]


def _reading(health: AccountHealth) -> str:
    newest = when(health.last_record_time, "newest record") if health.last_record_time else "newest record none yet"
    return f"{count(health.regions_watched, 'Region')} watched, {newest}"


def _counters(health: AccountHealth) -> str:
    parts = [f"Running: {rates(health.running_hourly_cost)}", f"{count(health.records_read, 'record')} read"]
    if health.records_malformed:
        last = f" (last: {escape(health.last_malformed, 120)})" if health.last_malformed.strip() else ""
        parts.append(f"{health.records_malformed:,} malformed{last}")
    if health.unknown_prices:
        parts.append(count(health.unknown_prices, "unknown price"))
    return "; ".join(parts)


def _files(troubles: tuple[str, ...]) -> list[Block]:
    if not troubles:
        return []
    lines = shorten([f"• {escape(one, 400)}" for one in troubles], _TROUBLES_SHOWN, "trouble")
    return [section("files", "\n".join(["*Log files and archive*", *lines]))]


def _work_queue(report: StatusReport) -> list[Block]:
    """For whoever runs the installation: only they can do something about it."""
    lines = []
    if report.dead_letters:
        letters = count(report.dead_letters, "work item was", "work items were")
        lines.append(
            f"{letters} given up. Whoever runs dd0c/cost: `dd0c queue dead` shows them, `redrive` tries again."
        )
    if report.queue_error.strip():
        lines.append(f"The work queue cannot be looked at: {escape(report.queue_error, 200)}")
    if report.dead_events:
        events = count(report.dead_events, "message from EventBridge was", "messages from EventBridge were")
        lines.append(f"{events} given up. Whoever runs dd0c/cost: `dd0c doctor` says what to do.")
    if report.event_queue_error.strip():
        lines.append(f"EventBridge's queue cannot be looked at: {escape(report.event_queue_error, 200)}")
    return [section("work_queue", "\n".join(lines))] if lines else []

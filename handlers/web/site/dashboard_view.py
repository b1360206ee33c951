"""What the dashboard says: banners first, then figures, what was found, and how each account is doing."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from blocks.accounts import in_order
from blocks.money import HOURS_PER_DAY, per_hour, rates, usd
from blocks.status import status_words
from blocks.status_sources import source_lines
from blocks.text import count, duration
from blocks.unmarked import unmarked
from engine.models.account import AccountStatus, Role, Tenant
from engine.models.anomaly import Anomaly
from engine.models.billing import Billing, PlanReport
from engine.models.report import AccountHealth, StatusReport
from engine.models.spend_report import MonthEstimate, MonthSource
from engine.roles import Deed, may
from handlers.web.site.frame import PLAN, START
from handlers.web.site.rows import AnomalyRow, rows_of
from handlers.web.site.words import Badge, Moment, moment, shown

ACCOUNTS_SHOWN = 100
_TROUBLES_SHOWN = 3
_UNPAID = frozenset({"past_due", "unpaid", "incomplete"})
_WATCHED = frozenset({AccountStatus.ACTIVE, AccountStatus.LEARNING})

_MONTHS = {
    MonthSource.FORECAST: "the rest by AWS's forecast",
    MonthSource.BILL: "the rest as the bill's last days were",
    MonthSource.SEEN: "the rest if all that dd0c saw starting goes on",
    MonthSource.MIXED: "the rest by bills, and by what dd0c saw starting where there is none",
}


class Banner(msgspec.Struct, frozen=True):
    """Something that somebody should know before all else, with a link where there is something to do."""

    text: str
    tone: str = ""
    path: str = ""
    label: str = ""


class Learning(msgspec.Struct, frozen=True):
    """How far an account's learning phase has come."""

    days: int
    days_needed: int
    text: str


class AccountPanel(msgspec.Struct, frozen=True, kw_only=True):
    """One AWS account."""

    name: str
    account_id: str
    state: Badge
    learning: Learning | None
    newest: Moment | None
    lag: str
    running: str
    notes: tuple[str, ...]


class DashboardView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page. ``month`` is empty where no price is known, ``start_path`` for who may not connect an account."""

    team: str
    banners: tuple[Banner, ...]
    running: str
    running_daily: str
    open_count: str
    month: str
    month_hint: str
    anomalies: tuple[AnomalyRow, ...]
    accounts: tuple[AccountPanel, ...]
    accounts_left_out: int
    start_path: str
    as_of: Moment


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page is about. ``anomalies`` are the latest, newest first."""

    tenant: Tenant
    report: StatusReport
    plan: PlanReport
    month: MonthEstimate
    anomalies: Sequence[Anomaly]


def dashboard_view(known: Overview, role: Role) -> DashboardView:
    """Say how everything is as of the report's time."""
    report, month, now = known.report, known.month, known.report.as_of
    names = {one.account_id: one.name for one in report.accounts}
    accounts = in_order(report.accounts)
    running = sum(one.running_hourly_cost for one in report.accounts)
    return DashboardView(
        team=shown(known.tenant.team_name) or "Your workspace",
        banners=banners(known, role),
        running=per_hour(running, " per hour"),
        running_daily=usd(running * HOURS_PER_DAY),
        open_count=count(report.open_anomalies, "open anomaly", "open anomalies"),
        month=usd(month.total_usd) if month.total_usd else "",
        month_hint=f"{usd(month.so_far_usd)} so far, {_MONTHS[month.source]}.",
        anomalies=rows_of(known.anomalies, names, now),
        accounts=tuple(_panel(one, now) for one in accounts[:ACCOUNTS_SHOWN]),
        accounts_left_out=max(0, len(accounts) - ACCOUNTS_SHOWN),
        start_path=START if may(role, Deed.CONNECT) else "",
        as_of=moment(now, now),
    )


def banners(known: Overview, role: Role) -> tuple[Banner, ...]:
    """What keeps people from being told, gravest first."""
    paused = [*_panic(known.tenant, known.report.as_of), *_paused(known.tenant, known.report.as_of)]
    plan = [*_unpaid(known.plan.billing, role), *_beyond_plan(known.report, role)]
    return (*paused, *plan, *_lost(known.report))


def _panic(tenant: Tenant, now: datetime) -> list[Banner]:
    panic = tenant.operator_panic
    if panic is None:
        return []
    by = f", by {panic.by.strip()}" if panic.by.strip() else ""
    why = f": {panic.why.strip().removesuffix('.')}" if panic.why.strip() else ""
    said = f"Alerting is paused for everybody by dd0c's operator since {moment(panic.since, now).text}{by}{why}."
    return [Banner(f"{said} Everything is still scored, nobody is told, and one summary comes when it ends.")]


def _paused(tenant: Tenant, now: datetime) -> list[Banner]:
    if not tenant.panic_mode:
        return []
    since = f" since {moment(tenant.paused_at, now).text}" if tenant.paused_at else ""
    text = f"Alerting is paused{since}: everything is still scored, and nobody is told. Resume it in Slack"
    return [Banner(f"{text} with /dd0c resume.")]


def _unpaid(billing: Billing, role: Role) -> list[Banner]:
    if billing.subscription is None or billing.subscription.status not in _UNPAID:
        return []
    return [_to_plan("The last payment failed. Change the card, and it is tried again.", role)]


def _beyond_plan(report: StatusReport, role: Role) -> list[Banner]:
    paused = sum(one.is_paused for one in report.accounts)
    if not paused:
        return []
    accounts = count(paused, "AWS account is", "AWS accounts are")
    return [_to_plan(f"{accounts} not watched: the plan does not cover more. Nothing of them is deleted.", role)]


def _to_plan(text: str, role: Role) -> Banner:
    """Who may not change the plan is told who may."""
    if may(role, Deed.MANAGE_PLAN):
        return Banner(text, path=PLAN, label="To the plan")
    return Banner(f"{text} An admin of your workspace can change that.")


def _lost(report: StatusReport) -> list[Banner]:
    if not report.deliveries:
        return []
    cards = count(len(report.deliveries), "card has", "cards have")
    return [Banner(f"{cards} not reached Slack; /dd0c status there says why.", "warn")]


def _panel(health: AccountHealth, now: datetime) -> AccountPanel:
    return AccountPanel(
        name=shown(health.name) or health.account_id,
        account_id=health.account_id,
        state=_state(health),
        learning=_learning(health),
        newest=moment(health.last_record_time, now) if health.last_record_time else None,
        lag=_lag(health),
        running=rates(health.running_hourly_cost) if health.status in _WATCHED else "",
        notes=_notes(health),
    )


def _state(health: AccountHealth) -> Badge:
    words = unmarked(status_words(health))
    if health.in_trouble:
        return Badge("watched, with gaps" if words == "watched" else words, "bad")
    return Badge(words, "good" if health.status is AccountStatus.ACTIVE else "warn")


def _learning(health: AccountHealth) -> Learning | None:
    """Until both are reached an account is young; whichever lacks more is what people wait for."""
    if not health.is_young or health.status not in _WATCHED:
        return None
    days = min(health.history_days, health.history_days_needed)
    events = min(health.events_seen, health.events_needed)
    text = f"{days} of {health.history_days_needed} days, {events} of {health.events_needed} cost events"
    return Learning(days, health.history_days_needed, text)


def _lag(health: AccountHealth) -> str:
    """How late records usually come, by the source that is soonest."""
    lags = [one.median_lag for one in health.sources if one.median_lag is not None]
    return f"records usually arrive within {duration(max(min(lags), 60.0))}" if lags else ""


def _notes(health: AccountHealth) -> tuple[str, ...]:
    """What is wrong, in sentences."""
    troubles = [f"{shown(one.region)} cannot be read: {shown(one.error, 200)}" for one in health.region_troubles]
    left = len(troubles) - _TROUBLES_SHOWN
    notes = [shown(health.status_detail, 300), *troubles[:_TROUBLES_SHOWN]]
    notes += [f"{count(left, 'more Region')} cannot be read."] if left > 0 else []
    if health.in_trouble or health.gaps:
        notes += [unmarked(line) for line in source_lines(health) if line.startswith("NOT covered")]
    return tuple(note for note in notes if note)

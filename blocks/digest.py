"""The digest, and the answer to ``/dd0c digest``: a quiet day is one line."""

from datetime import timedelta

from blocks.anomaly_rows import row_text
from blocks.card import Block, Card, context, header, paragraphs, repeat_note, section, shorten
from blocks.chart import drawn_chart, finding, native_chart, written_chart
from blocks.money import rates, usd
from blocks.spend_words import grade_words, month_words, reconciliation_words
from blocks.text import count, escape, when
from blocks.zombie_watch import watch_paragraphs, watch_words
from engine.models.report import AnomalyRow, DigestReport, Suppressed

_ROWS_SHOWN = 5
_REASONS_SHOWN = 8
_DAYS = timedelta(days=2)


def digest(report: DigestReport, *, may_repeat: bool = False) -> Card:
    """Sum up what happened between two moments. ``may_repeat`` marks what was posted again in doubt."""
    period = f"{when(report.since, 'from')} {when(report.until, 'to')}"
    if report.is_quiet:
        costs = f"Running: {rates(report.running_hourly_cost)}. Spent: about {usd(report.spent_usd)}"
        idle = watch_words(report.zombies)
        more = [f"Zombie watch: {idle}"] if idle else []
        words = " ".join(["", *more, *(compared(report) if _is_weekly(report) else [])])
        quiet = f"A quiet time, {period}: nothing unusual. {costs}.{words}"
        return Card(quiet, [section("quiet", quiet), *repeat_note(may_repeat=may_repeat)])
    best, *plainer = [_blocks(report, chart, may_repeat=may_repeat) for chart in _charts(report)]
    return Card(one_line(report), best, tuple(plainer))


def _blocks(report: DigestReport, chart: list[Block], *, may_repeat: bool) -> list[Block]:
    return [
        header(title(report)),
        section("sums", fields=[f"*{name}*\n{value}" for name, value in sums(report)]),
        *chart,
        *_listed("rows", "Anomalies", report.rows),
        *_listed("findings", "Unusual, but not worth a card", report.findings),
        *_suppressed(report.suppressed),
        *paragraphs("zombies", watch_paragraphs(report.zombies)),
        *paragraphs("compared", compared(report)),
        context("period", [f"{when(report.since, 'From')} {when(report.until, 'to')}"]),
        *repeat_note(may_repeat=may_repeat),
    ]


def _charts(report: DigestReport) -> list[list[Block]]:
    """The chart in all the ways there are to show it, the best first; whatever shows it, words say what it shows."""
    chart = report.chart
    if chart is None:
        return [[]]
    words = context("finding", [escape(finding(chart), 400)])
    picture = [[drawn_chart(chart, report.picture_url), words]] if report.picture_url else []
    return [
        [native_chart(chart), words],
        *picture,
        [section("chart", f"*{escape(chart.title)}*\n{written_chart(chart)}")],
    ]


def compared(report: DigestReport) -> list[str]:
    """Say what the bill beside what was seen, and how good cards were."""
    spend = report.spend
    words = [reconciliation_words(spend.reconciliation), grade_words(spend.grade)] if spend else []
    return [one for one in words if one]


def title(report: DigestReport) -> str:
    """Give the digest's name, as plain text."""
    return "Weekly cost digest" if _is_weekly(report) else "Cost digest"


def _is_weekly(report: DigestReport) -> bool:
    return report.until - report.since > _DAYS


def _suppressed(reasons: tuple[Suppressed, ...]) -> list[Block]:
    if not reasons:
        return []
    lines = [f"• {count(one.count, 'finding')}, {rates(one.hourly_cost)}: {escape(one.reason, 200)}" for one in reasons]
    return [section("suppressed", "\n".join(["*Kept silent, and why*", *shorten(lines, _REASONS_SHOWN, "reason")]))]


def one_line(report: DigestReport) -> str:
    """Give the whole digest in one line of plain text."""
    saved = f", {usd(report.saved_per_day_usd)} a day saved" if report.saved_per_day_usd > 0 else ""
    return f"{title(report)}: {report.open_count:,} open, {usd(report.burnt_usd)} burnt by anomalies{saved}"


def sums(report: DigestReport) -> list[tuple[str, str]]:
    """Give what everything comes to, each sum with its name, as plain text."""
    counts = f"{report.open_count:,} open, {report.expected_count:,} expected, {report.resolved_count:,} stopped"
    month = [("This month", month_words(report.spend.month))] if report.spend else []
    return [
        ("Anomalies", counts),
        ("Burnt by anomalies", usd(report.burnt_usd)),
        ("Saved by stopping them", f"{usd(report.saved_per_day_usd)} a day"),
        ("Spent, as far as prices are known", f"about {usd(report.spent_usd)}"),
        ("Running now", rates(report.running_hourly_cost)),
        *month,
    ]


def _listed(block_id: str, title: str, rows: tuple[AnomalyRow, ...]) -> list[Block]:
    if not rows:
        return []
    return paragraphs(block_id, [f"*{title}*", *shorten([row_text(row) for row in rows], _ROWS_SHOWN)])

"""The daily digest, and the answer to ``/dd0c digest``: a quiet day is one line."""

from blocks.anomaly_rows import row_text
from blocks.card import Block, Card, context, header, paragraphs, section, shorten
from blocks.money import rates, usd
from blocks.text import when
from engine.models.report import AnomalyRow, DigestReport

_ROWS_SHOWN = 5


def digest(report: DigestReport) -> Card:
    """Sum up what happened between two moments."""
    period = f"{when(report.since, 'from')} {when(report.until, 'to')}"
    if report.is_quiet:
        quiet = f"A quiet time, {period}: nothing unusual. Running: {rates(report.running_hourly_cost)}."
        return Card(quiet, [section("quiet", quiet)])
    blocks = [
        header("Cost digest"),
        section("sums", fields=_fields(report)),
        *_listed("rows", "Anomalies", report.rows),
        *_listed("findings", "Unusual, but not worth a card", report.findings),
        context("period", [f"{when(report.since, 'From')} {when(report.until, 'to')}"]),
    ]
    return Card(_one_line(report), blocks)


def _one_line(report: DigestReport) -> str:
    saved = f", {usd(report.saved_per_day_usd)} a day saved" if report.saved_per_day_usd > 0 else ""
    return f"Cost digest: {report.open_count:,} open, {usd(report.burnt_usd)} burnt by anomalies{saved}"


def _fields(report: DigestReport) -> list[str]:
    counts = f"{report.open_count:,} open, {report.expected_count:,} expected, {report.resolved_count:,} stopped"
    return [
        f"*Anomalies*\n{counts}",
        f"*Burnt by anomalies*\n{usd(report.burnt_usd)}",
        f"*Saved by stopping them*\n{usd(report.saved_per_day_usd)} a day",
        f"*Running now*\n{rates(report.running_hourly_cost)}",
    ]


def _listed(block_id: str, title: str, rows: tuple[AnomalyRow, ...]) -> list[Block]:
    if not rows:
        return []
    return paragraphs(block_id, [f"*{title}*", *shorten([row_text(row) for row in rows], _ROWS_SHOWN)])

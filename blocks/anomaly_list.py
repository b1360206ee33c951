"""The answer to ``/dd0c anomalies``."""

from blocks.anomaly_rows import row_text
from blocks.card import Card, context, header, paragraphs, section
from blocks.text import count, when
from engine.models.report import AnomalyList

_ROWS_SHOWN = 15


def anomaly_list(view: AnomalyList) -> Card:
    """List the newest anomalies, and count all."""
    total = count(view.total, "anomaly", "anomalies")
    since = when(view.since, "since")
    if not view.rows:
        quiet = f"No anomalies {since}."
        return Card(quiet, [section("quiet", quiet)])
    summary = f"{total} {since}, {view.open_count:,} open"
    rows = view.rows[:_ROWS_SHOWN]
    more = [context("more", [f"The newest {len(rows)} of {total}."])] if view.total > len(rows) else []
    blocks = [header("Anomalies"), section("counts", summary), *paragraphs("rows", map(row_text, rows)), *more]
    return Card(summary, blocks)

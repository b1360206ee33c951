"""The answer to ``/dd0c anomalies``: a page of a list, with buttons to the others."""

from blocks.anomaly_rows import row_text
from blocks.anomaly_words import SEVERITY_WORDS
from blocks.card import Block, Card, context, header, paragraphs, section
from blocks.command_buttons import buttons, command_button
from blocks.text import code, count, escape, when
from engine.command_line.values import span_word
from engine.models.anomaly import Severity
from engine.models.report import AnomalyList, AnomalyRow
from engine.models.search import AnomalyQuery

_ROWS_SHOWN = 15
_SHORT_ID = 8


def anomaly_list(view: AnomalyList) -> Card:
    """List a page of anomalies, and count all."""
    noun = "suppressed anomaly" if view.query.suppressed else "anomaly"
    total = count(view.total, noun, f"{noun.removesuffix('y')}ies")
    since = when(view.since, "since")
    conditions = _conditions(view.query)
    if not view.rows:
        quiet = f"No {noun.removesuffix('y')}ies {since}{conditions}."
        return Card(quiet, [section("quiet", quiet)])
    summary = f"{total} {since}{conditions}, {view.open_count:,} open"
    rows = [_row(row) for row in view.rows[:_ROWS_SHOWN]]
    blocks = [header("Anomalies"), section("counts", summary), *paragraphs("rows", rows), *_paging(view)]
    return Card(summary, blocks)


def _row(row: AnomalyRow) -> str:
    return f"{row_text(row)} · {code(row.anomaly_id[:_SHORT_ID])}"


def _conditions(query: AnomalyQuery) -> str:
    """What was asked for besides the time."""
    severity = (
        "" if query.severity is Severity.INFO else f" of severity {SEVERITY_WORDS[query.severity].lower()} or more"
    )
    account = f" in {escape(query.account, 60)}" if query.account else ""
    return f"{severity}{account}{', only open ones' if query.open_only else ''}"


def _paging(view: AnomalyList) -> list[Block]:
    """Where in the list this page is, and the way to its neighbours."""
    page = view.query.page
    elements = []
    if page > 1:
        elements.append(command_button("previous", "Newer", command_line(view.query, page - 1)))
    if page < view.pages:
        elements.append(command_button("next", "Older", command_line(view.query, page + 1)))
    how = "`/dd0c explain ID` says why one was told or not."
    where = [f"Page {page:,} of {view.pages:,}."] if view.pages > 1 else []
    return [*buttons("paging", elements), context("more", [" ".join([*where, how])])]


def command_line(query: AnomalyQuery, page: int) -> str:
    """Write the line behind ``/dd0c`` that asks for a page of this list.

    >>> command_line(AnomalyQuery(open_only=True), 2)
    'anomalies --since 7d --severity info --open --page 2'
    """
    account = f" --account {query.account}" if query.account else ""
    switches = f"{' --open' if query.open_only else ''}{' --suppressed' if query.suppressed else ''}"
    return (
        f"anomalies --since {span_word(query.span)} --severity {query.severity.value}{account}{switches} --page {page}"
    )

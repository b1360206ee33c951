"""The answer to ``/dd0c spend``: the month, what runs, the bill beside what was seen, and who spends."""

from blocks.card import Block, Card, context, fitting, header, paragraphs, section, shorten
from blocks.chart import drawn_chart, finding, native_chart, written_chart
from blocks.command_buttons import buttons, command_button
from blocks.money import per_hour, rates, usd
from blocks.spend_words import grade_words, month_words, named_actor, reconciliation_words
from blocks.text import code, count, escape
from engine.command_line.values import span_word
from engine.models.spend_report import SpendBy, SpendQuery, SpendReport, SpendRow

_TROUBLES_SHOWN = 6
_CENTS = "each costs you about a cent"
_ROWS_ROOM = 8000
_HEADS = {
    SpendBy.SERVICE: "By service",
    SpendBy.ACCOUNT: "By account",
    SpendBy.ACTOR: "By actor",
    SpendBy.TAG: "By tag",
}


def spend(report: SpendReport) -> Card:
    """Show a page of a report, with a chart of the bill's days where there is one."""
    best, *plainer = [_blocks(report, chart) for chart in _charts(report)]
    summary = f"Spend: {rates(report.hourly_cost)} run now; {month_words(report.month)}"
    return Card(summary, best, tuple(plainer))


def _blocks(report: SpendReport, chart: list[Block]) -> list[Block]:
    words = [reconciliation_words(report.reconciliation), grade_words(report.grade)]
    return [
        header("Spend"),
        section("sums", fields=_fields(report)),
        *chart,
        *paragraphs("rows", [_head(report.query), *(_rows(report) or ["Nothing yet."])]),
        *buttons("paging", _paging(report)),
        *paragraphs("compared", [one for one in words if one]),
        *_troubles(report),
        context("questions", [_questions(report)]),
    ]


def _head(query: SpendQuery) -> str:
    return f"*{_HEADS[query.by]}*{f' {code(query.tag, 140)}' if query.by is SpendBy.TAG else ''}"


def _charts(report: SpendReport) -> list[list[Block]]:
    """The chart in all the ways there are to show it, the best first."""
    chart = report.chart
    if chart is None or not chart.bars:
        return [[]]
    words = context("finding", [escape(finding(chart), 400)])
    picture = [[drawn_chart(chart, report.picture_url), words]] if report.picture_url else []
    text = section("chart", f"*{escape(chart.title)}*\n{written_chart(chart)}")
    return [[native_chart(chart), words], *picture, [text]]


def _fields(report: SpendReport) -> list[str]:
    billed = "not read yet" if report.billed_usd is None else usd(report.billed_usd)
    return [
        f"*Running now*\n{rates(report.hourly_cost)}",
        f"*Added in the last 24 hours*\n{per_hour(report.added_hourly_cost)} of that",
        f"*This month*\n{month_words(report.month)}",
        f"*Billed since {report.since:%d %b}*\n{billed}",
    ]


def _rows(report: SpendReport) -> list[str]:
    return fitting([_row(one, report.query.by) for one in report.rows], _ROWS_ROOM)


def _row(row: SpendRow, by: SpendBy) -> str:
    billed = "" if row.billed_usd is None else f"billed {usd(row.billed_usd)}, "
    running = f", {per_hour(row.hourly_cost)} now" if row.hourly_cost else ""
    seen = "" if by is SpendBy.TAG else f"seen {usd(row.seen_usd)}"
    month = f"; this month {month_words(row.month)}" if row.month else ""
    return f"• {_named(row.name, by)}: {billed}{seen}{running}".rstrip(", ") + month


def _named(name: str, by: SpendBy) -> str:
    return named_actor(name) if by is SpendBy.ACTOR else f"*{escape(name, 80)}*"


def _paging(report: SpendReport) -> list[Block]:
    page, elements = report.query.page, []
    if page > 1:
        elements.append(command_button("previous", "Dearer", command_line(report.query, page - 1)))
    if page < report.pages:
        elements.append(command_button("next", "Cheaper", command_line(report.query, page + 1)))
    return elements


def command_line(query: SpendQuery, page: int) -> str:
    """Write the line behind ``/dd0c`` that asks for a page of this report.

    >>> command_line(SpendQuery(), 2)
    'spend --by service --since 7d --page 2'
    """
    by = f"tag '{query.tag}'" if query.by is SpendBy.TAG else query.by.value
    return f"spend --by {by} --since {span_word(query.span)} --page {page}"


def _troubles(report: SpendReport) -> list[Block]:
    health = report.health
    lines = [f"• {escape(one.account_name, 60)}: {escape(trouble, 300)}" for one in health for trouble in one.troubles]
    lines += [
        f"• {escape(one.account_name, 60)} is billed in {escape(', '.join(one.other_currencies), 60)} too: kept, and "
        "left out of all sums in dollars"
        for one in health
        if one.other_currencies
    ]
    lines += [f"• By tag: {escape(one, 360)}" for one in report.tag_troubles]
    if not lines:
        return []
    return paragraphs("troubles", ["*What the bill does not tell*", *shorten(lines, _TROUBLES_SHOWN, "trouble")])


def _questions(report: SpendReport) -> str:
    pages = f"Page {report.query.page:,} of {report.pages:,}. " if report.pages > 1 else ""
    asked = sum(one.calls for one in report.health)
    most = f"at most {report.calls_a_day} an account and day; {_CENTS}"
    return f"{pages}{count(asked, 'question')} to AWS's Cost Explorer today, {most}. Seen: at list prices."

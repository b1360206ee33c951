"""A replay's anomalies for people: a table, or one below the other where a table would be too narrow to read."""

import heapq
from collections import Counter
from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from engine.models.anomaly import Anomaly, DecisionKind, Line
from engine.models.cost_event import CostEvent
from engine.scoring.sentences import money
from services.replay_lines import Summary, known_cost

_MOST_ROWS = {DecisionKind.ALERT: 500, DecisionKind.DIGEST: 50, DecisionKind.LOG: 20}
_STYLES = {"critical": "bold red", "warning": "yellow", "info": "dim"}
_LEAST_WIDTH = 120
_NARROWEST_TABLE = 110
_MOST_TEXT = 80

_Kept = tuple[float, str, Anomaly]


class AnomalyTable:
    """Keeps the dearest anomalies of each decision, and shows them when everything was read."""

    def __init__(self, console: Console) -> None:
        self._console = console
        if not console.is_terminal:
            console.width = max(console.width, _LEAST_WIDTH)
        self._kept: dict[DecisionKind, list[_Kept]] = {kind: [] for kind in DecisionKind}
        self._counts: Counter[DecisionKind] = Counter()

    def show(self, findings: Sequence[CostEvent | Anomaly]) -> None:
        """Keep what belongs into the table."""
        for one in findings:
            if isinstance(one, Anomaly):
                kind = one.decision.kind
                self._counts[kind] += 1
                heapq.heappush(self._kept[kind], (one.hourly_cost, one.anomaly_id, one))
                if len(self._kept[kind]) > _MOST_ROWS[kind]:
                    heapq.heappop(self._kept[kind])

    def finish(self, summary: Summary) -> None:
        """Print the table, what was left out of it, and the summary."""
        for kind, title in _TITLES.items():
            rows = sorted((kept[2] for kept in self._kept[kind]), key=lambda one: (one.detected_at, one.anomaly_id))
            if rows:
                shown = _table(title, rows) if self._console.width >= _NARROWEST_TABLE else _list(title, rows)
                self._console.print(shown, "", highlight=False)
            if left_out := self._counts[kind] - len(rows):
                self._console.print(f"and {left_out:,} cheaper ones; --format jsonl gives all\n")
        self._console.print(_summary(summary, self._counts), highlight=False)


_TITLES = {
    DecisionKind.ALERT: "Alerts: somebody would have been told at once",
    DecisionKind.DIGEST: "Digest: unusual, not worth an interruption",
    DecisionKind.LOG: "Logged only",
}


def _table(title: str, anomalies: Sequence[Anomaly]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=True, expand=True)
    table.add_column("When (UTC)", width=16)
    table.add_column("Severity", width=8)
    table.add_column("What, where", ratio=3, overflow="fold")
    table.add_column("Who, account", ratio=3, overflow="fold")
    table.add_column("$/h", justify="right", width=10)
    table.add_column("Why", ratio=6, overflow="fold")
    for one in anomalies:
        table.add_row(
            f"{one.detected_at:%Y-%m-%d %H:%M}",
            _severity(one),
            _started(one, "\n"),
            f"{_plain(one.actor.name)}\n{_account(one)}",
            _cost(one),
            _why(one),
        )
    return table


def _list(title: str, anomalies: Sequence[Anomaly]) -> RenderableType:
    entries = Table.grid(expand=True, pad_edge=False)
    entries.add_column(overflow="fold")
    entries.add_row(f"[bold]{title}[/]")
    for one in anomalies:
        entries.add_row(f"\n{one.detected_at:%Y-%m-%d %H:%M} UTC  {_severity(one)}  an hour: {_cost(one)}")
        details = (_started(one, " "), f"by {_plain(one.actor.name)} in {_account(one)}", _why(one))
        entries.add_row(Padding("\n".join(details), (0, 0, 0, 2)))
    return entries


def _severity(anomaly: Anomaly) -> str:
    return f"[{_STYLES[anomaly.severity]}]{anomaly.severity}[/]"


def _account(anomaly: Anomaly) -> str:
    return _plain(anomaly.account_id) or "unknown account"


def _started(anomaly: Anomaly, gap: str) -> str:
    return "\n".join(_what(line, gap) for line in anomaly.lines[:3]) + _more(len(anomaly.lines) - 3)


def _what(line: Line, gap: str) -> str:
    labels = f" ({', '.join(line.labels)})" if line.labels else ""
    count = f"{line.quantity:,} x " if line.quantity != 1 else ""
    return _plain(f"{count}{line.resource_type}{labels}") + gap + _plain(f"in {line.region}")


def _more(count: int) -> str:
    return f"\nand {count:,} more" if count > 0 else ""


def _cost(anomaly: Anomaly) -> str:
    known = known_cost(anomaly)
    if known is None:
        return "unknown"
    return money(known) + (" + unknown" if anomaly.unknown_price else "")


def _why(anomaly: Anomaly) -> str:
    """The decision's reason, then the weightiest signal."""
    signal = f"\n{_plain(anomaly.signals[0].text, 2 * _MOST_TEXT)}" if anomaly.signals else ""
    return f"{escape(anomaly.decision.reason)}{signal}"


def _plain(text: str, longest: int = _MOST_TEXT) -> str:
    """Text from a record, without anything a terminal would act on."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[:longest])
    return escape(shown + ("..." if len(text) > longest else ""))


def _summary(summary: Summary, counts: Counter[DecisionKind]) -> str:
    """What was read, and what came of it."""
    read = (
        f"Read {summary.records_read:,} records in {summary.seconds:.1f} s "
        f"(duplicates: {summary.duplicates:,}, malformed: {summary.records_malformed:,})."
    )
    found = f"Changes of cost: {summary.cost_events:,}. Anomalies: {summary.anomalies:,}"
    if summary.anomalies:
        found += " (" + ", ".join(f"{kind}: {counts[kind]:,}" for kind in _TITLES if counts[kind]) + ")"
    return f"{read}\n{found}."

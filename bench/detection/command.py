"""``dd0c bench detection``."""

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.detection.contest import DEVELOPMENT_SEEDS, OURS, Row, build, contest, fresh_seeds
from bench.detection.metrics import Figures
from bench.picture_option import picture_option
from clients.prices import load_price_table

_WIDTH = 140
_COLUMNS = ("detector", "precision", "recall", "F1", "false/acct-week", "first 14 days", "$ caught", "p50", "p90")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--development", is_flag=True, help="Use the fixed seeds for tuning in place of fresh ones.")
@picture_option
def detection(as_json: bool, development: bool, picture: Path | None) -> None:
    """Compare detectors on a simulated world whose incidents are known.

    The seeds follow from the thresholds: change one, and the world is one that nobody has seen. A card is right if at
    least a fifth of its records belong to one incident; times are minutes of record time until the first right card.
    """
    prices = load_price_table()
    seeds = DEVELOPMENT_SEEDS if development else fresh_seeds()
    accounts = build(seeds, prices)
    rows = list(contest(accounts, prices))
    console = Console(width=_WIDTH)
    console.print(f"{len(accounts)} accounts, {accounts[0].days} days, seeds {', '.join(map(str, seeds))}")
    console.print(_table(rows))
    for row in rows:
        if row.skipped:
            console.print(f"{row.detector} was skipped: {row.skipped}; make bench installs what it needs.")
    console.print(_recall_by_kind(rows))
    if picture is not None:
        from bench.detection.picture import draw  # noqa: PLC0415 - matplotlib is needed for the picture alone

        draw(picture, rows, accounts, prices)
    if as_json:
        click.echo(_json(seeds, rows))


def _table(rows: list[Row]) -> Table:
    table = Table(*_COLUMNS)
    for row in rows:
        table.add_row(row.detector, *(_cells(row.figures) if row.figures else ["skipped"]))
    return table


def _cells(figures: Figures) -> list[str]:
    return [
        f"{figures.precision:.2f}",
        f"{figures.recall:.2f}",
        f"{figures.f1:.2f}",
        f"{figures.false_alerts_per_account_week:.2f}",
        f"{figures.quiet_alerts_first_14_days:.2f}",
        f"{figures.dollars_caught:.1%}",
        _minutes(figures.minutes_p50),
        _minutes(figures.minutes_p90),
    ]


def _minutes(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f} min"


def _recall_by_kind(rows: list[Row]) -> Table:
    known = [(row.detector, row.figures) for row in rows if row.figures]
    table = Table("recall by kind", *(name for name, _ in known))
    for kind in known[-1][1].recall_by_kind:
        cells = [f"{figures.recall_by_kind[kind]:.2f}" for _, figures in known]
        table.add_row(kind, *cells)
    return table


def _json(seeds: tuple[int, ...], rows: list[Row]) -> str:
    detectors = {
        row.detector: msgspec.to_builtins(row.figures) if row.figures else {"skipped": row.skipped} for row in rows
    }
    return msgspec.json.encode({"bench": "detection", "seeds": seeds, "ours": OURS, "detectors": detectors}).decode()

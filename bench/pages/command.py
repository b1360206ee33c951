"""``dd0c bench pages``."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.pages.house import opened
from bench.pages.measure import Row, measure
from bot.mongod import LocalMongod
from store.connect import connect
from store.replica_set import ensure_primary

GOAL_MS = 200.0
_WIDTH = 100
_RETENTION_DAYS = 400


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option(
    "--anomalies", default=10_000, show_default=True, type=click.IntRange(100), help="Anomalies of the tenant."
)
@click.option(
    "--rounds", default=60, show_default=True, type=click.IntRange(1), help="How often each page is asked for."
)
def pages(as_json: bool, anomalies: int, rounds: int) -> None:
    """Open the pages of a tenant with 10,000 anomalies: how soon are they there?

    The pages are those of `dd0c serve` over a real mongod; whoever asks shares this process, so what that costs is in
    the figures. Beside them stands a page of which nothing is looked up. The first time stands on its own: templates
    are compiled then, and it is added up what all that runs costs by the month's end, which is remembered for a minute.
    """
    rows = asyncio.run(_measure(anomalies, rounds))
    Console(width=_WIDTH).print(_table(rows, anomalies))
    if as_json:
        answer = {"bench": "pages", "anomalies": anomalies, "rounds": rounds, "goal_ms": GOAL_MS, "pages": rows}
        click.echo(msgspec.json.encode(answer).decode())


async def _measure(anomalies: int, rounds: int) -> list[Row]:
    with TemporaryDirectory(prefix="dd0c-bench-") as folder:
        async with LocalMongod(Path(folder), ensure_primary=ensure_primary) as uri:
            store = await connect(uri, retention_days=_RETENTION_DAYS)
            try:
                async with opened(store, anomalies) as house:
                    return await measure(house, rounds)
            finally:
                store.close()


def _table(rows: Sequence[Row], anomalies: int) -> Table:
    table = Table(
        "page",
        "first",
        "p50",
        "p95",
        "max",
        "HTML",
        title=f"{anomalies:,} anomalies; the goal is a p95 under {GOAL_MS:.0f} ms",
    )
    for row in rows:
        times = (f"{one:,.1f} ms" for one in (row.first_ms, row.p50_ms, row.p95_ms, row.max_ms))
        table.add_row(row.page, *times, f"{row.kilobytes:,.0f} KB")
    return table

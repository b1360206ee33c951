"""``dd0c bench tracing``."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.ingest.traffic import traffic
from bench.tracing.collector import collector
from bench.tracing.measure import Row, measure
from bot.mongod import LocalMongod
from clients.prices import load_price_table
from store.replica_set import ensure_primary

_ACCOUNT = "000000000001"
_PAST = 500
_RATIOS = (0.0, 0.1, 1.0)
_COLUMNS = ("told", "CPU for a record", "more CPU", "more time", "more CPU than numbers alone")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--records", default=3000, show_default=True, type=click.IntRange(100), help="Cost-bearing records.")
@click.option("--batch", default=60, show_default=True, type=click.IntRange(1), help="Records of each poll.")
def tracing(as_json: bool, records: int, batch: int) -> None:
    """Bring polls into effect in a real local mongod, telling nothing, numbers alone, and some or all traces besides.

    Every way takes each poll right after the others. Spans go to a collector on this machine over HTTP.
    """
    rows = asyncio.run(_measure(records, batch))
    Console().print(_table(rows))
    if as_json:
        figures = {"bench": "tracing", "records": records, "batch": batch, "ways": rows}
        click.echo(msgspec.json.encode(figures).decode())


async def _measure(records: int, batch: int) -> list[Row]:
    prices, told = load_price_table(), traffic(_ACCOUNT, _PAST, records)
    with TemporaryDirectory(prefix="dd0c-bench-") as folder, collector() as endpoint:
        async with LocalMongod(Path(folder), ensure_primary=ensure_primary) as uri:
            return await measure(uri, prices, told, endpoint=endpoint, ratios=_RATIOS, batch=batch)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(*_COLUMNS)
    for row in rows:
        more = (row.added_cpu, row.added_time, row.traced_cpu)
        table.add_row(row.name, f"{row.cpu_us:,.0f} µs", *(f"{part:+.1%}" for part in more))
    return table

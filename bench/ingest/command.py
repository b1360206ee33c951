"""``dd0c bench ingest``."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.ingest.measure import Row, measure
from bench.ingest.traffic import Traffic, traffic
from bot.mongod import LocalMongod
from clients.prices import load_price_table
from store.replica_set import ensure_primary

_WIDTH = 140
_PAST = 500
_COLUMNS = ("way", "cost events/s", "records/s", "of bare", "our CPU", "commands/1,000", "commands, irrelevant")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--accounts", default=8, show_default=True, type=click.IntRange(1), help="AWS accounts side by side.")
@click.option(
    "--records", default=1000, show_default=True, type=click.IntRange(100), help="Cost-bearing records of each."
)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="How often each way is taken.")
def ingest(as_json: bool, accounts: int, records: int, rounds: int) -> None:
    """Bring records into effect in a real local mongod: archive, de-duplicate, price, score, persist.

    Five of six records say nothing of cost. Beside it, the very documents of the cost events are inserted into the same
    mongod with nothing else around; ways take turns, and ratios are those within a round. CPU time is our own process's
    for each cost event; commands are what MongoDB was asked, for 1,000 cost events and for 6,000 irrelevant records.
    """
    told = [traffic(f"{number:012}", _PAST, records) for number in range(1, accounts + 1)]
    rows = asyncio.run(_measure(told, rounds))
    Console(width=_WIDTH).print(_table(rows))
    if as_json:
        answer = {"bench": "ingest", "accounts": accounts, "records": records, "rounds": rounds, "ways": rows}
        click.echo(msgspec.json.encode(answer).decode())


async def _measure(accounts: Sequence[Traffic], rounds: int) -> list[Row]:
    prices = load_price_table()
    with TemporaryDirectory(prefix="dd0c-bench-") as folder:
        async with LocalMongod(Path(folder), ensure_primary=ensure_primary) as uri:
            return await measure(uri, prices, accounts, rounds)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(*_COLUMNS)
    for row in rows:
        table.add_row(
            row.way,
            f"{row.cost_events_per_second:,.0f}",
            f"{row.records_per_second:,.0f}",
            f"{row.of_bare:.1%}",
            f"{row.cpu_us:,.0f} µs",
            f"{row.commands_per_1000_cost_events:,.1f}",
            str(row.commands_of_irrelevant),
        )
    return table

"""``dd0c bench speed``."""

from collections.abc import Sequence

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.speed.measure import Row, measure
from bench.speed.memory import peak_megabytes
from bench.speed.records import IRRELEVANT_PER_RELEVANT, make_records
from bench.speed.ways import ways
from clients.prices import load_price_table

_WIDTH = 110
_COLUMNS = ("way", "records/s", "µs a record", "speed of typed", "speed of orjson")
_FEW, _MANY = 100_000, 2_000_000
_QUICK_FEW, _QUICK_MANY = 20_000, 100_000


class Memory(msgspec.Struct, frozen=True):
    """The peak of a replay of so many records, in MiB."""

    records: int
    peak_mib: float


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--records", default=60_000, show_default=True, type=click.IntRange(60), help="Records of each round.")
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(1), help="How often each way is taken.")
@click.option("--quick", is_flag=True, help="Measure memory with a twentieth of the records.")
def speed(as_json: bool, records: int, rounds: int, quick: bool) -> None:
    """Take records all the way of `dd0c replay`: decode, parse, price, score, group.

    Beside it, the same bytes go through bare decoders. Five of six records say nothing of cost. Ways take turns, and
    ratios are those within a round; times are CPU time of one process. Memory is the peak of a process of its own.
    """
    lines = list(make_records(records))
    size = sum(map(len, lines)) / records
    rows = measure(ways(lines, load_price_table()), records, rounds)
    del lines
    console = Console(width=_WIDTH)
    shares = f"1 of {IRRELEVANT_PER_RELEVANT + 1} bears cost"
    console.print(f"{records:,} records of {size:,.0f} bytes on average, {shares}, {rounds} rounds")
    console.print(_table(rows))
    memory = [Memory(count, peak_megabytes(count)) for count in _counts(quick)]
    console.print(_told(memory))
    if as_json:
        click.echo(_json(records, size, rounds, rows, memory))


def _counts(quick: bool) -> tuple[int, int]:
    return (_QUICK_FEW, _QUICK_MANY) if quick else (_FEW, _MANY)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(*_COLUMNS)
    for row in rows:
        table.add_row(
            row.way,
            f"{row.records_per_second:,.0f}",
            f"{row.microseconds_per_record:.1f}",
            f"{row.of_limit:.2f}",
            f"{row.of_orjson:.2f}",
        )
    return table


def _told(memory: Sequence[Memory]) -> str:
    few, many = memory
    peaks = f"{few.peak_mib:.0f} MiB for {few.records:,} records, {many.peak_mib:.0f} MiB for {many.records:,}"
    return f"Peak memory: {peaks} ({many.peak_mib - few.peak_mib:+.0f} MiB)."


def _json(records: int, size: float, rounds: int, rows: Sequence[Row], memory: Sequence[Memory]) -> str:
    figures = {"records": records, "bytes_per_record": size, "rounds": rounds, "ways": rows, "memory": memory}
    return msgspec.json.encode({"bench": "speed", **figures}).decode()

"""``dd0c bench poll``."""

import asyncio

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.poll.measure import Figures, measure
from bench.poll.plan import FULL, QUICK

_GOAL_CYCLE_SECONDS = 60.0
_GOAL_MEMORY_MB = 300.0
_GOAL_TURNS = 2


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--quick", is_flag=True, help="Fewer accounts and shorter turns: half a minute in place of eight.")
def poll(as_json: bool, quick: bool) -> None:
    """Poll a thousand accounts in three Regions each, of an AWS that takes 100 ms for each answer.

    First nothing new happens. Then one more account has a million records to catch up, while strangers start dear
    things in the others; how long their cards take is counted from the event to the outbox. The AWS runs in a process
    of its own and allows two calls a second for each account and Region; the database is a real mongod.
    """
    figures = asyncio.run(measure(QUICK if quick else FULL))
    Console(width=100).print(_table(figures))
    if as_json:
        click.echo(msgspec.json.encode({"bench": "poll", **msgspec.to_builtins(figures)}).decode())


def _table(figures: Figures) -> Table:
    table = Table("what", "measured", "goal", title=f"{figures.accounts:,} accounts, {figures.regions} Regions each")
    for number, cycle in enumerate(figures.cycles, 1):
        cells = f"{cycle.seconds:.1f} s, {cycle.cpu_seconds:.1f} s of one core"
        table.add_row(f"quiet cycle {number}", cells, f"under {_GOAL_CYCLE_SECONDS:.0f} s")
    goal = f"under {_GOAL_TURNS * figures.poll_seconds:.0f} s ({_GOAL_TURNS} cycles)"
    table.add_row("cards for launches", f"{figures.cards} of {figures.launches}", "all")
    table.add_row("card latency p50", _seconds(figures.latency_p50), "")
    table.add_row("card latency p95", _seconds(figures.latency_p95), goal)
    table.add_row("card latency, longest", _seconds(figures.latency_max), "")
    table.add_row("records caught up meanwhile", f"{figures.caught_up_records:,} of {figures.backlog_records:,}", "")
    table.add_row("records caught up a second", f"{figures.caught_up_per_second:,.0f}", "")
    table.add_row("one core busy meanwhile", f"{figures.cpu_share:.0%}", "")
    table.add_row("most memory", f"{figures.peak_memory_mb:,.0f} MB", f"under {_GOAL_MEMORY_MB:.0f} MB")
    return table


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"

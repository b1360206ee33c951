"""``dd0c bench load``."""

import asyncio

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.load.measure import Found, Plan, measure

_WIDTH = 120
_COLUMNS = ("app", "request", "sent", "errors", "p50", "p95", "p99", "max")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--rate", default=500.0, show_default=True, type=click.FloatRange(1, 5000), help="Requests a second.")
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(1), help="How long the bot has to.")
def load(as_json: bool, rate: float, seconds: float) -> None:
    """Send 500 requests a second while records come in: how soon is each answered, and does memory stay flat?

    Of a hundred requests 50 read the API, 20 open the Home tab, 15 are commands and 15 clicks; all of Slack's are
    signed, and do their work. Up to once a second a batch of a hundred CloudTrail records is pushed. The bot is
    `dd0c serve` over a real mongod; beside it an aiohttp handler that only reads bodies has the same load for a fifth
    of the time. Whoever sends, and the simulated Slack, share this machine's cores. Time counts from when a request was
    due, and ends when all of the answer was read; commands and clicks are answered by their acknowledgement.
    """
    found = asyncio.run(measure(Plan(rate=rate, seconds=seconds)))
    console = Console(width=_WIDTH)
    console.print(_table(found, rate, seconds))
    memory = f"{found.rss_before_mb:,.0f} MB before, {found.rss_after_mb:,.0f} MB after"
    console.print(f"Memory of the bot: {memory}. It was at work for {found.cpu_ms:,.1f} ms a request.")
    for trouble, many in found.troubles.items():
        console.print(f"{many:,} x {trouble}")
    if as_json:
        answer = {"bench": "load", "rate": rate, "seconds": seconds, **msgspec.to_builtins(found)}
        click.echo(msgspec.json.encode(answer).decode())


def _table(found: Found, rate: float, seconds: float) -> Table:
    table = Table(*_COLUMNS, title=f"{rate:,.0f} requests a second for {seconds:,.0f} s, and 100 records a second")
    for row in found.rows:
        times = (f"{one:,.1f} ms" for one in (row.p50_ms, row.p95_ms, row.p99_ms, row.max_ms))
        table.add_row(row.app, row.kind, f"{row.requests:,}", f"{row.errors:,}", *times)
    return table

"""``dd0c bench slack``."""

import asyncio
from collections.abc import Sequence

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.slack.measure import Plan, Row, measure

GOAL_MS = 300.0
_WIDTH = 120
_COLUMNS = ("app", "load", "commands", "ack p50", "ack p95", "ack p99", "ack max", "answer p99")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--in-flight", default=200, show_default=True, type=click.IntRange(1, 1000), help="Commands at a time.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="How often each is measured.")
def slack(as_json: bool, in_flight: int, rounds: int) -> None:
    """Type 200 commands at a time: how soon are they acknowledged, where Slack waits three seconds?

    The bot is `dd0c serve` over a real mongod, with an account connected; every command is signed, does its work, and
    is answered. Beside it a Bolt app acknowledges the same commands and does nothing else. Slack is simulated by this
    process; all of it shares this machine's cores. First all commands come at one moment, then every person types the
    next as soon as the last is answered.
    """
    rows = asyncio.run(measure(Plan(in_flight=in_flight, rounds=rounds)))
    Console(width=_WIDTH).print(_table(rows, in_flight))
    if as_json:
        answer = {"bench": "slack", "in_flight": in_flight, "rounds": rounds, "goal_ms": GOAL_MS, "rows": rows}
        click.echo(msgspec.json.encode(answer).decode())


def _table(rows: Sequence[Row], in_flight: int) -> Table:
    table = Table(*_COLUMNS, title=f"{in_flight} commands in flight; the goal is an ack p99 under {GOAL_MS:.0f} ms")
    for row in rows:
        times = (row.ack_p50_ms, row.ack_p95_ms, row.ack_p99_ms, row.ack_max_ms, row.answer_p99_ms)
        table.add_row(row.app, row.load, f"{row.commands:,}", *map(_shown, times))
    return table


def _shown(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds:,.0f} ms"

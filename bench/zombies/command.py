"""``dd0c bench zombies``."""

import asyncio

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.zombies.measure import Figures, expected_resources, measure

GOAL_SECONDS = 120.0
GOAL_MB = 300.0
_WIDTH = 120
_MILLISECONDS = 1000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--regions", default=20, show_default=True, type=click.IntRange(1, 40), help="250 resources in each.")
@click.option("--latency-ms", default=50, show_default=True, type=click.IntRange(0, 5000), help="Of every answer.")
def zombies(as_json: bool, regions: int, latency_ms: int) -> None:
    """Look for idle resources in 20 Regions with 5,000 resources: how long, and with how much memory?

    AWS is a server of its own on this machine that answers in AWS's shapes, each answer 50 ms late.
    """
    figures = asyncio.run(measure(regions, latency_ms / _MILLISECONDS))
    Console(width=_WIDTH).print(_table(figures))
    if as_json:
        fields = {"goal_seconds": GOAL_SECONDS, "goal_mb": GOAL_MB, "latency_ms": latency_ms}
        click.echo(msgspec.json.encode({"bench": "zombies", **fields, **msgspec.structs.asdict(figures)}).decode())
    if figures.resources != expected_resources(regions):
        raise click.ClickException(f"Only {figures.resources:,} of {expected_resources(regions):,} were seen.")


def _table(figures: Figures) -> Table:
    table = Table(title=f"A scan; the goal is under {GOAL_SECONDS:.0f} s and {GOAL_MB:.0f} MB")
    for name in ("Regions", "resources", "idle", "troubles", "seconds", "peak MB"):
        table.add_column(name, justify="right")
    table.add_row(
        str(figures.regions),
        f"{figures.resources:,}",
        f"{figures.found:,}",
        str(figures.troubles),
        f"{figures.seconds:.1f}",
        f"{figures.peak_mb:.0f}",
    )
    return table

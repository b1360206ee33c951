"""``dd0c bench soak``."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import aiohttp
import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.load.driving import Answered, Driver
from bench.load.measure import both, troubles_of, unlimited
from bench.load.samples import Sample, sampled
from bench.load.site import opened
from bench.picture_option import picture_option

_WIDTH = 120
_WARM_SECONDS = 20.0
_SAMPLES = 60
_SHORTEST = 1.0
_EDGE = 5


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every figure as the last line.")
@click.option("--minutes", default=30.0, show_default=True, type=click.FloatRange(0.05), help="For how long.")
@click.option("--rate", default=20.0, show_default=True, type=click.FloatRange(1, 5000), help="Requests a second.")
@picture_option
def soak(as_json: bool, minutes: float, rate: float, picture: Path | None) -> None:
    """Keep the bot busy for half an hour: does its memory stay as it is, and is the last request answered as the first?

    The same requests and records as in `dd0c bench load`, at a rate that leaves the machine room.
    """
    samples, troubles = asyncio.run(_soak(minutes * 60, rate))
    first, last = (median(one.rss_mb for one in some) for some in (samples[:_EDGE], samples[-_EDGE:]))
    console = Console(width=_WIDTH)
    console.print(_table(samples))
    console.print(
        f"{sum(one.requests for one in samples):,} requests in {minutes:,.1f} minutes, "
        f"{sum(one.errors for one in samples):,} errors; memory {first:,.0f} MB at first, {last:,.0f} MB at last"
    )
    for trouble, many in troubles.items():
        console.print(f"{many:,} x {trouble}")
    if picture is not None:
        from bench.load.picture import draw  # noqa: PLC0415 - matplotlib is needed for the picture alone

        draw(picture, samples)
    if as_json:
        answer = {"bench": "soak", "minutes": minutes, "rate": rate, "troubles": troubles, "samples": samples}
        click.echo(msgspec.json.encode(answer).decode())


async def _soak(seconds: float, rate: float) -> tuple[list[Sample], dict[str, int]]:
    told: list[Answered] = []
    async with opened() as site, aiohttp.ClientSession(connector=unlimited()) as session:
        driver = Driver(session, told.append)
        await both(driver, site.bot.url, site, rate, min(_WARM_SECONDS, seconds))
        told.clear()
        watch = asyncio.create_task(_watch(site.rss, seconds))
        began = time.perf_counter()
        await both(driver, site.bot.url, site, rate, seconds)
        return sampled(told, began, await watch), troubles_of(told)


async def _watch(rss: Callable[[], int], seconds: float) -> list[tuple[float, int]]:
    """Memory at the end of each stretch, with seconds since the beginning."""
    began, found = time.perf_counter(), []
    between = max(seconds / _SAMPLES, _SHORTEST)
    for number in range(1, round(seconds / between) + 1):
        await asyncio.sleep(max(0.0, began + number * between - time.perf_counter()))
        found.append((number * between, rss()))
    return found


def _table(samples: Sequence[Sample]) -> Table:
    """Ten rows at most."""
    table = Table("after", "requests", "errors", "p50", "p99", "memory")
    for one in samples[:: max(1, len(samples) // 10)]:
        table.add_row(
            f"{one.at:,.0f} s",
            f"{one.requests:,}",
            f"{one.errors:,}",
            f"{one.p50_ms:,.0f} ms",
            f"{one.p99_ms:,.0f} ms",
            f"{one.rss_mb:,.0f} MB",
        )
    return table

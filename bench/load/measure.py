"""The bot and the bare handler in turns, under the same load."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import aiohttp
import msgspec

from bench.load.driving import Answered, Driver
from bench.load.site import Site, opened
from bench.load.traffic import INGEST
from bench.slack.measure import quantile
from bench.slack.processes import bare_process

BOT, BARE = "dd0c serve", "bare aiohttp handler"
BATCHES_A_SECOND = 1.0
_SLICE_SECONDS = 10.0
_BARE_SHARE = 0.2
_WARM_SECONDS = 3.0


class Plan(msgspec.Struct, frozen=True):
    """Requests a second, and for how many seconds the bot is to hold them."""

    rate: float = 500.0
    seconds: float = 60.0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of request at one of the two; milliseconds of those that were answered."""

    app: str
    kind: str
    requests: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, what went wrong by what it was, and the memory of the bot before and after, in MB.

    ``cpu_ms`` is the time the bot's process was at work for each request that it answered, in milliseconds; what polls
    and batches cost is in it.
    """

    rows: list[Row]
    troubles: dict[str, int]
    cpu_ms: float
    rss_before_mb: float
    rss_after_mb: float


async def measure(plan: Plan) -> Found:
    """Both have slices of the time in turn, so that whatever else this machine does meets both."""
    answered: dict[str, list[Answered]] = {BOT: [], BARE: []}
    async with (
        opened() as site,
        bare_process("bench.load.bare") as bare,
        aiohttp.ClientSession(connector=unlimited()) as ask,
    ):
        drivers = {app: Driver(ask, told.append) for app, told in answered.items()}
        await both(drivers[BOT], site.bot.url, site, plan.rate / 10, _WARM_SECONDS)
        answered[BOT].clear()
        before, left, at_work = site.rss(), plan.seconds, 0.0
        while left > 0:
            span, worked = min(left, _SLICE_SECONDS), site.cpu_seconds()
            await both(drivers[BOT], site.bot.url, site, plan.rate, span)
            at_work += site.cpu_seconds() - worked
            await both(drivers[BARE], bare.url, site, plan.rate, span * _BARE_SHARE)
            left -= span
        after = site.rss()
    return Found(
        rows=[row for app, told in answered.items() for row in rows(app, told)],
        troubles=troubles_of(answered[BOT]),
        cpu_ms=1000 * at_work / max(1, sum(not one.trouble for one in answered[BOT])),
        rss_before_mb=before / 2**20,
        rss_after_mb=after / 2**20,
    )


def troubles_of(told: Sequence[Answered]) -> dict[str, int]:
    """How often something went wrong, by what it was.

    >>> troubles_of([Answered("click", 0.0, 1.0), Answered("click", 0.0, 1.0, "status 500")])
    {'click: status 500': 1}
    """
    return dict(Counter(f"{one.kind}: {one.trouble}" for one in told if one.trouble))


def unlimited() -> aiohttp.TCPConnector:
    """As many connections as there are requests in flight."""
    return aiohttp.TCPConnector(limit=0)


async def both(driver: Driver, url: str, site: Site, rate: float, seconds: float) -> None:
    """Requests, and batches of records beside them."""
    await asyncio.gather(
        driver.drive(url, site.traffic.next, rate, seconds),
        driver.drive_in_turn(url, site.traffic.batch, BATCHES_A_SECOND, seconds),
    )


def rows(app: str, told: Sequence[Answered]) -> list[Row]:
    """Give one row for each kind, and one for all requests but the batches of records."""
    kinds = {kind: [one for one in told if one.kind == kind] for kind in sorted({one.kind for one in told})}
    together = [one for one in told if one.kind != INGEST]
    return [_row(app, kind, some) for kind, some in ({**kinds, "all requests": together}).items()]


def _row(app: str, kind: str, told: Sequence[Answered]) -> Row:
    times = sorted(one.took_ms for one in told if not one.trouble) or [0.0]
    return Row(
        app=app,
        kind=kind,
        requests=len(told),
        errors=sum(bool(one.trouble) for one in told),
        p50_ms=quantile(times, 0.5),
        p95_ms=quantile(times, 0.95),
        p99_ms=quantile(times, 0.99),
        max_ms=times[-1],
    )

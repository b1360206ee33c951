"""The same polls into the same mongod, with and without spans, in pairs."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import msgspec

from bench.ingest.site import TENANT, Site, open_site
from bench.ingest.traffic import Traffic
from bot.identity import utc_now
from clients.telemetry.calls import MongodbCommands
from clients.telemetry.connect import connect_tracer
from clients.telemetry.numbers import PrometheusMeter
from engine.pricing.estimate import Prices
from services.intake import Intake
from services.ports.watching import Tracer
from services.unwatched import NO_TRACER
from store.watching import CommandTold

_MICROSECONDS = 1_000_000


class Row(msgspec.Struct, frozen=True):
    """A share of traces that is exported, -1 where there is no tracing.

    ``cpu_us`` is our CPU time for each record; ``added_cpu`` and ``added_time`` are by how much it and the time on the
    clock exceed those of the same polls without tracing.
    """

    ratio: float
    cpu_us: float
    added_cpu: float
    added_time: float


class _Way:
    """One site of its own, and what its polls have taken so far."""

    def __init__(self, ratio: float, site: Site, intake: Intake) -> None:
        self.ratio = ratio
        self.site = site
        self.cpu_seconds = 0.0
        self.seconds = 0.0
        self._intake = intake

    async def poll(self, account_id: str, records: Sequence[bytes]) -> None:
        """Bring a poll into effect."""
        cpu, began = time.process_time(), time.perf_counter()
        await self._intake.ingest(TENANT, account_id, records)
        self.cpu_seconds += time.process_time() - cpu
        self.seconds += time.perf_counter() - began


async def measure(
    uri: str, prices: Prices, account: Traffic, *, endpoint: str, ratios: Sequence[float], batch: int
) -> list[Row]:
    """Let every way take each poll right after the others, in an order that turns: whatever else the machine does
    hits all of them alike."""
    async with AsyncExitStack() as stack:
        ways = [
            await _way(stack, uri, prices, account=account, endpoint=endpoint, ratio=ratio) for ratio in (-1.0, *ratios)
        ]
        for number, start in enumerate(range(0, len(account.now), batch)):
            turn = number % len(ways)
            for way in (*ways[turn:], *ways[:turn]):
                await way.poll(account.account_id, account.now[start : start + batch])
        return [_row(way, ways[0], len(account.now)) for way in ways]


async def _way(
    stack: AsyncExitStack, uri: str, prices: Prices, *, account: Traffic, endpoint: str, ratio: float
) -> _Way:
    tracer: Tracer = NO_TRACER
    told: CommandTold | None = None
    if ratio >= 0:
        tracer, close = connect_tracer(
            endpoint, b"bench", service_name="bench", ratio=ratio, headers={}, timeout_seconds=10.0
        )
        stack.push_async_callback(close)
        told = MongodbCommands(tracer, PrometheusMeter())
    site = await stack.enter_async_context(open_site(uri, prices, [account.account_id], told))
    await site.learn(account.account_id, account.past)
    return _Way(ratio, site, Intake(site.store.ledger, site.store.accounts, prices, utc_now, tracer=tracer))


def _row(way: _Way, without: _Way, records: int) -> Row:
    return Row(
        ratio=way.ratio,
        cpu_us=way.cpu_seconds / records * _MICROSECONDS,
        added_cpu=way.cpu_seconds / without.cpu_seconds - 1,
        added_time=way.seconds / without.seconds - 1,
    )

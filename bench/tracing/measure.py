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
from services.ports.watching import Meter, Tracer
from services.unwatched import NO_METER, NO_TRACER
from store.watching import CommandTold

_MICROSECONDS = 1_000_000


NOTHING = "nothing"
NUMBERS = "numbers, as without an endpoint"


class Row(msgspec.Struct, frozen=True):
    """What one way of telling costs. ``ratio`` is the share of traces that is exported, -1 where there is no tracing.

    ``cpu_us`` is our CPU time for each record; ``added_cpu`` and ``added_time`` are by how much it and the time on the
    clock exceed those of the same polls of which nothing is told, ``traced_cpu`` by how much those of which only
    numbers are: numbers are always told, so that is what tracing adds.
    """

    name: str
    ratio: float
    cpu_us: float
    added_cpu: float
    added_time: float
    traced_cpu: float


class _Way:
    """One site of its own, and what its polls have taken so far."""

    def __init__(self, name: str, ratio: float, site: Site, intake: Intake) -> None:
        self.name = name
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
        silent = await _way(stack, uri, prices, account, _Telling(NOTHING))
        numbers = await _way(stack, uri, prices, account, _numbers())
        traced = [await _way(stack, uri, prices, account, _traced(stack, endpoint, ratio)) for ratio in ratios]
        ways = [silent, numbers, *traced]
        for number, start in enumerate(range(0, len(account.now), batch)):
            turn = number % len(ways)
            for way in (*ways[turn:], *ways[:turn]):
                await way.poll(account.account_id, account.now[start : start + batch])
        return [_row(way, silent, numbers, len(account.now)) for way in ways]


class _Telling(msgspec.Struct, frozen=True):
    """Who is told of what happens."""

    name: str
    ratio: float = -1.0
    tracer: Tracer = NO_TRACER
    meter: Meter = NO_METER
    told: CommandTold | None = None


def _numbers() -> _Telling:
    meter = PrometheusMeter()
    return _Telling(NUMBERS, meter=meter, told=MongodbCommands(NO_TRACER, meter))


def _traced(stack: AsyncExitStack, endpoint: str, ratio: float) -> _Telling:
    tracer, close = connect_tracer(
        endpoint, b"bench", service_name="bench", ratio=ratio, headers={}, timeout_seconds=10.0
    )
    stack.push_async_callback(close)
    meter = PrometheusMeter()
    return _Telling(f"{ratio:.0%} of traces", ratio, tracer, meter, MongodbCommands(tracer, meter))


async def _way(stack: AsyncExitStack, uri: str, prices: Prices, account: Traffic, telling: _Telling) -> _Way:
    site = await stack.enter_async_context(open_site(uri, prices, [account.account_id], telling.told))
    await site.learn(account.account_id, account.past)
    intake = Intake(site.store.ledger, site.store.accounts, prices, utc_now, tracer=telling.tracer, meter=telling.meter)
    return _Way(telling.name, telling.ratio, site, intake)


def _row(way: _Way, silent: _Way, numbers: _Way, records: int) -> Row:
    return Row(
        name=way.name,
        ratio=way.ratio,
        cpu_us=way.cpu_seconds / records * _MICROSECONDS,
        added_cpu=way.cpu_seconds / silent.cpu_seconds - 1,
        added_time=way.seconds / silent.seconds - 1,
        traced_cpu=way.cpu_seconds / numbers.cpu_seconds - 1,
    )

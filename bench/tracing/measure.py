"""The same polls into the same mongod, with and without spans, in pairs."""

import time
from collections.abc import Sequence
from statistics import median

import msgspec

from bench.ingest.site import TENANT, open_site
from bench.ingest.traffic import Traffic
from bot.identity import utc_now
from clients.telemetry.connect import connect_tracer
from engine.pricing.estimate import Prices
from services.intake import Intake
from services.ports.watching import Tracer
from services.unwatched import NO_TRACER

_MICROSECONDS = 1_000_000


class Row(msgspec.Struct, frozen=True):
    """A share of traces that is exported, -1 for none at all: medians of the rounds.

    ``cpu_us`` is our CPU time for each cost event, the exporting thread's included; ``added_cpu`` and ``added_time``
    are by how much it and the time on the clock exceed those of the same round without tracing.
    """

    ratio: float
    cpu_us: float
    added_cpu: float
    added_time: float


class _Lap(msgspec.Struct, frozen=True):
    cpu_seconds: float
    seconds: float


async def measure(
    uri: str, prices: Prices, account: Traffic, *, endpoint: str, ratios: Sequence[float], batch: int, rounds: int
) -> list[Row]:
    """Take every way in each round, in an order that turns, after a round that warms up."""
    ways = [-1.0, *ratios]
    laps: dict[float, list[_Lap]] = {ratio: [] for ratio in ways}
    for number in range(rounds + 1):
        turn = number % len(ways)
        for ratio in [*ways[turn:], *ways[:turn]]:
            lap = await _run(uri, prices, account, endpoint=endpoint, ratio=ratio, batch=batch)
            laps[ratio] += [lap] if number else []
    return [_row(ratio, laps[ratio], laps[-1.0], len(account.now)) for ratio in ways]


async def _run(uri: str, prices: Prices, account: Traffic, *, endpoint: str, ratio: float, batch: int) -> _Lap:
    if ratio < 0:
        return await _ingest(uri, prices, account, NO_TRACER, batch)
    tracer, close = connect_tracer(
        endpoint, b"bench", service_name="bench", ratio=ratio, headers={}, timeout_seconds=10.0
    )
    try:
        return await _ingest(uri, prices, account, tracer, batch)
    finally:
        await close()


async def _ingest(uri: str, prices: Prices, account: Traffic, tracer: Tracer, batch: int) -> _Lap:
    async with open_site(uri, prices, [account.account_id]) as site:
        await site.learn(account.account_id, account.past)
        intake = Intake(site.store.ledger, site.store.accounts, prices, utc_now, tracer=tracer)
        cpu, began = time.process_time(), time.perf_counter()
        for start in range(0, len(account.now), batch):
            await intake.ingest(TENANT, account.account_id, account.now[start : start + batch])
        return _Lap(time.process_time() - cpu, time.perf_counter() - began)


def _row(ratio: float, laps: Sequence[_Lap], without: Sequence[_Lap], records: int) -> Row:
    pairs = list(zip(laps, without, strict=True))
    return Row(
        ratio=ratio,
        cpu_us=median(lap.cpu_seconds for lap in laps) / records * _MICROSECONDS,
        added_cpu=median(ours.cpu_seconds / theirs.cpu_seconds for ours, theirs in pairs) - 1,
        added_time=median(ours.seconds / theirs.seconds for ours, theirs in pairs) - 1,
    )

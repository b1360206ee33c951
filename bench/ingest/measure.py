"""Several ways for the same cost events into the same MongoDB, one after the other, as often as wanted."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

import msgspec

from bench.ingest.site import TENANT, Site, open_site
from bench.ingest.traffic import IRRELEVANT_PER_RELEVANT, Traffic, noise
from engine.pricing.estimate import Prices

BARE = "bare insert_many"
_NOISE = 6000
_MICROSECONDS = 1_000_000


class Way(msgspec.Struct, frozen=True):
    """A way of records into effect, ``batch`` of them at a time."""

    name: str
    batch: int
    bring: Callable[[Site, str, Sequence[bytes]], Awaitable[None]]

    async def bring_all(self, site: Site, account_id: str, records: Sequence[bytes]) -> None:
        """Bring one account's records, batch by batch."""
        for start in range(0, len(records), self.batch):
            await self.bring(site, account_id, records[start : start + self.batch])


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over all rounds. ``of_bare`` is the ratio within each round, ``cpu_us`` our own CPU time for each cost
    event in microseconds; commands are those that read or write data."""

    way: str
    cost_events_per_second: float
    records_per_second: float
    of_bare: float
    cpu_us: float
    commands_per_1000_cost_events: float
    commands_of_irrelevant: int


class _Lap(msgspec.Struct, frozen=True):
    seconds: float
    cpu_seconds: float
    commands: int
    cost_events: int


async def _poll(site: Site, account_id: str, records: Sequence[bytes]) -> None:
    await site.intake.ingest(TENANT, account_id, records)


async def _push(site: Site, _account_id: str, records: Sequence[bytes]) -> None:
    await site.receiver.receive("push", [b"\n".join(records)], TENANT)


WAYS = (
    Way("polls of 6,000 records", 6000, _poll),
    Way("polls of 600 records", 600, _poll),
    Way("pushes of 6,000 records, by the inbox", 6000, _push),
)


async def measure(uri: str, prices: Prices, accounts: Sequence[Traffic], rounds: int) -> list[Row]:
    """Run every way in every round, the bare one between them, and give one row for each."""
    laps: dict[str, list[_Lap]] = {BARE: [], **{way.name: [] for way in WAYS}}
    for _ in range(rounds):
        for way in WAYS:
            lap, documents = await _run(uri, prices, accounts, way)
            laps[way.name].append(lap)
        laps[BARE].append(await _run_bare(uri, prices, documents))
    silent = {way.name: await _commands_of_noise(uri, prices, accounts[0].account_id, way) for way in WAYS}
    return [_row(name, laps[name], laps[BARE], silent.get(name, 0)) for name in laps]


async def _run(uri: str, prices: Prices, accounts: Sequence[Traffic], way: Way) -> tuple[_Lap, list[dict[str, object]]]:
    async with open_site(uri, prices, [one.account_id for one in accounts]) as site:
        for one in accounts:
            await site.learn(one.account_id, one.past)
        watch = await _Watch.start(site)
        site.queue.start(site.work)
        await asyncio.gather(*(way.bring_all(site, one.account_id, one.now) for one in accounts))
        await site.queue.join()
        lap = await watch.stop()
        documents = await site.cost_events(accounts[0].since)
        return msgspec.structs.replace(lap, cost_events=len(documents)), documents


async def _run_bare(uri: str, prices: Prices, documents: Sequence[dict[str, object]]) -> _Lap:
    async with open_site(uri, prices) as site:
        watch = await _Watch.start(site)
        await site.insert_bare(documents)
        return msgspec.structs.replace(await watch.stop(), cost_events=len(documents))


async def _commands_of_noise(uri: str, prices: Prices, account_id: str, way: Way) -> int:
    async with open_site(uri, prices, [account_id]) as site:
        watch = await _Watch.start(site)
        # A push asks once for each delivery which accounts its sender owns, so one delivery brings all of it.
        await way.bring(site, account_id, noise(account_id, _NOISE))
        return (await watch.stop()).commands


class _Watch:
    """Takes the time, our CPU time and the server's counters."""

    def __init__(self, site: Site, commands: int) -> None:
        self._site = site
        self._commands = commands
        self._cpu = time.process_time()
        self._began = time.perf_counter()

    @classmethod
    async def start(cls, site: Site) -> "_Watch":
        return cls(site, await site.commands())

    async def stop(self) -> _Lap:
        seconds = time.perf_counter() - self._began
        cpu = time.process_time() - self._cpu
        return _Lap(seconds, cpu, await self._site.commands() - self._commands, 0)


def _row(name: str, laps: Sequence[_Lap], bare: Sequence[_Lap], silent: int) -> Row:
    rates = [lap.cost_events / lap.seconds for lap in laps]
    bare_rates = [lap.cost_events / lap.seconds for lap in bare]
    records = 1 if name == BARE else 1 + IRRELEVANT_PER_RELEVANT
    return Row(
        way=name,
        cost_events_per_second=median(rates),
        records_per_second=median(rates) * records,
        of_bare=median(ours / theirs for ours, theirs in zip(rates, bare_rates, strict=True)),
        cpu_us=median(lap.cpu_seconds / lap.cost_events for lap in laps) * _MICROSECONDS,
        commands_per_1000_cost_events=median(lap.commands / lap.cost_events for lap in laps) * 1000,
        commands_of_irrelevant=silent,
    )

"""The two measurements: quiet cycles of all accounts, and cards while one account catches up."""

import asyncio
import math
import resource
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.poll.installation import Cloud, Installation, cloud, database
from bench.poll.plan import Plan
from bot.identity import utc_now
from engine.models.account import AwsAccount

_KIB = 1024
_MB = 1_000_000
_TURNS_MISSED = 2


class Cycle(msgspec.Struct, frozen=True):
    """One poll of every account: seconds by the clock on the wall, and seconds of one core in this process."""

    seconds: float
    cpu_seconds: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured. Memory is the most this process ever held; latencies are from event to outbox, in seconds."""

    accounts: int
    regions: int
    cycles: tuple[Cycle, ...]
    slowest_cycle_seconds: float
    poll_seconds: float
    launches: int
    cards: int
    latency_p50: float | None
    latency_p95: float | None
    latency_max: float | None
    backlog_records: int
    caught_up_records: int
    caught_up_per_second: float
    peak_memory_mb: float
    cpu_share: float


async def measure(plan: Plan) -> Figures:
    """Start a mongod and an AWS, measure, and stop them."""
    with TemporaryDirectory(prefix="dd0c-bench-") as folder:
        async with database(Path(folder)) as store, cloud(plan) as aws:
            installation = Installation(plan, store, aws.started)
            await installation.furnish()
            cycles = [await _cycle(installation) for _ in range(plan.quiet_cycles)]
            return await _watch(plan, installation, aws, cycles)


async def _cycle(installation: Installation) -> Cycle:
    began, cpu = time.perf_counter(), time.process_time()
    await installation.put_polls()
    await installation.queue.join()
    return Cycle(time.perf_counter() - began, time.process_time() - cpu)


async def _watch(plan: Plan, installation: Installation, aws: Cloud, cycles: Sequence[Cycle]) -> Figures:
    await installation.connect_busy_account()
    before, since = await installation.find_busy_account(), utc_now()
    began, cpu = time.perf_counter(), time.process_time()
    await aws.begin_launching()
    deadline = began + plan.watch_seconds + _TURNS_MISSED * plan.poll_seconds
    while time.perf_counter() < deadline:
        await installation.put_polls()
        await asyncio.sleep(plan.poll_seconds)
    seconds = time.perf_counter() - began
    share = (time.process_time() - cpu) / seconds
    caught_up = _caught_up(plan, before, await installation.find_busy_account())
    latencies = sorted(await _latencies(installation, since))
    await installation.queue.stop(grace_seconds=0)
    return Figures(
        accounts=plan.accounts,
        regions=len(before.regions),
        cycles=tuple(cycles),
        slowest_cycle_seconds=max(cycle.seconds for cycle in cycles),
        poll_seconds=plan.poll_seconds,
        launches=plan.launches,
        cards=len(latencies),
        latency_p50=nearest_rank(latencies, 0.5),
        latency_p95=nearest_rank(latencies, 0.95),
        latency_max=nearest_rank(latencies, 1.0),
        backlog_records=plan.backlog_records,
        caught_up_records=caught_up,
        caught_up_per_second=caught_up / seconds,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB / _MB,
        cpu_share=share,
    )


async def _latencies(installation: Installation, since: datetime) -> list[float]:
    """How long each card took from its event until it lay in the outbox; CloudTrail tells whole seconds."""
    store, since = installation.store, since - timedelta(seconds=1)
    told = [
        one
        for tenant_id in installation.tenants
        for one in await store.anomalies.find_anomalies(tenant_id, since=since, limit=1000)
        if await store.outbox.find_delivery(tenant_id, one.anomaly_id) is not None
    ]
    return [(one.detected_at - one.first_event_time).total_seconds() for one in told]


def _caught_up(plan: Plan, before: AwsAccount, after: AwsAccount) -> int:
    pace = plan.backlog_records / len(before.cursors) / plan.backlog_seconds
    reached = {cursor.region: cursor.read_until for cursor in after.cursors}
    read = sum((reached[cursor.region] - cursor.read_until).total_seconds() for cursor in before.cursors)
    return min(plan.backlog_records, round(read * pace))


def nearest_rank(ordered: Sequence[float], share: float) -> float | None:
    """Give the least value that at least ``share`` of all do not exceed.

    >>> nearest_rank([1.0, 2.0, 3.0], 0.5)
    2.0
    """
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None

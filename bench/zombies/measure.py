"""Scans a large account on this machine."""

import multiprocessing
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from bench.zombies.server import RESOURCES_IN_REGION, serve
from clients.aws.connect import AwsIdentity, connect_zombies
from clients.prices import load_price_table
from engine.models.account import AccountStatus, AwsAccount
from engine.zombies.judging import Known, judge
from engine.zombies.models import Batch, Trouble
from engine.zombies.rule import Look
from engine.zombies.thresholds import Thresholds

_ACCOUNT = "111122223333"
_KIB = 1024
_ENDED_SECONDS = 10


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan took. ``peak_mb`` is of the whole process that scans, the price table included."""

    regions: int
    resources: int
    found: int
    troubles: int
    seconds: float
    peak_mb: float


@contextmanager
def local_aws(latency_seconds: float) -> Iterator[str]:
    """A server in a process of its own, so that its memory is not counted; gives its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(latency_seconds, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join(_ENDED_SECONDS)


async def measure(regions: int, latency_seconds: float) -> Figures:
    """Scan an account of so many Regions, 250 resources in each."""
    with local_aws(latency_seconds) as url:
        return await _scan(url, regions)


async def _scan(url: str, regions: int) -> Figures:
    names = [f"bench-region-{number}" for number in range(1, regions + 1)]
    now = datetime.now(UTC)
    account = AwsAccount(
        account_id=_ACCOUNT,
        name="bench",
        status=AccountStatus.ACTIVE,
        external_id="external",
        role_arn=f"arn:aws:iam::{_ACCOUNT}:role/dd0c-cost-readonly",
        regions=tuple(names),
        connected_at=now,
    )
    identity = AwsIdentity("us-east-1", url, "bench", "bench")
    looks = connect_zombies(identity, clock=lambda: datetime.now(UTC), monotonic=time.monotonic)
    known, began = Known(_ACCOUNT, load_price_table(), {}), time.monotonic()
    resources = found = troubles = 0
    async for piece in looks.look(account, names, now, Thresholds()):
        if isinstance(piece, Batch):
            resources += len(piece.resources)
            looked = [Look(one, piece.series.get(one.resource_id, {}), now) for one in piece.resources]
            found += sum(judge(known, look) is not None for look in looked)
        troubles += isinstance(piece, Trouble)
    return Figures(
        regions=regions,
        resources=resources,
        found=found,
        troubles=troubles,
        seconds=round(time.monotonic() - began, 2),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB, 1),
    )


def expected_resources(regions: int) -> int:
    """How many there are to be seen.

    >>> expected_resources(20)
    5000
    """
    return regions * RESOURCES_IN_REGION

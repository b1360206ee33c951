"""AWS throttles, credentials end, roles are refused."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.world import SEED, World, world

pytestmark = pytest.mark.integration

_LOOKUP, _ASSUME = "LookupEvents", "AssumeRole"
_TROUBLES = (
    (_LOOKUP, "ThrottlingException", 20),
    (_LOOKUP, "ExpiredTokenException", 2),
    (_ASSUME, "ExpiredToken", 2),
    (_LOOKUP, "InternalFailure", 3),
    (_ASSUME, "Throttling", 3),
)


@short_and_nightly("seconds", 3, 600)
async def test_aws_throttles_and_sessions_end(seconds: int, tmp_path: Path, mongod_uri: str) -> None:
    async with world(tmp_path, mongod_uri) as site, audited(site, f"AWS in trouble for {seconds} s"):
        await _storm(site, seconds)
        site.counts["calls of AWS"] = len(site.stage.aws.calls)


async def _storm(site: World, seconds: float) -> None:
    """Every second something else fails; all the while AWS lets through one call in five seconds."""
    rng = Random(SEED)  # noqa: S311 - what goes wrong when, no secrets
    aws, usual = site.stage.aws, site.stage.aws.lookup_rate
    aws.lookup_rate = 0.2
    for _ in range(round(seconds)):
        operation, code, times = rng.choice(_TROUBLES)
        aws.fail_next(operation, code, times)
        site.stage.account.expire_sessions()
        site.counts[code] += 1
        await asyncio.sleep(1)
    aws.recover()
    aws.lookup_rate = usual

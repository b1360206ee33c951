"""``kill -9`` at random moments."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.world import SEED, world

pytestmark = pytest.mark.integration

_LEASE_SECONDS = 30.0


@short_and_nightly("rounds", 3, 200)
async def test_kill_9_at_random_moments(rounds: int, tmp_path: Path, mongod_uri: str) -> None:
    rng = Random(SEED)  # noqa: S311 - moments to kill at, no secrets
    async with world(tmp_path, mongod_uri) as site, audited(site, f"kill -9, {rounds} rounds"):
        (bot,) = site.bots
        for _ in range(rounds):
            await asyncio.sleep(rng.uniform(0.0, 3.0))
            await site.restart(bot)


@pytest.mark.nightly
async def test_what_a_killed_one_held_ends_by_itself(tmp_path: Path, mongod_uri: str) -> None:
    """Nobody moves the clocks: the lease of the scheduler and that of a card have to end on their own."""
    async with world(tmp_path, mongod_uri) as site, audited(site, "kill -9, leases end by themselves"):
        (bot,) = site.bots
        for _ in range(3):
            await bot.kill()
            await bot.start()
            site.counts["killed"] += 1
            await asyncio.sleep(_LEASE_SECONDS)

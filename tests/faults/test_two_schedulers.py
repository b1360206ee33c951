"""Two bots on one database, each with a scheduler and workers of its own, as in a rolling update."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.world import SEED, world

pytestmark = pytest.mark.integration


@short_and_nightly("rounds", 1, 40)
async def test_two_schedulers_at_once(rounds: int, tmp_path: Path, mongod_uri: str) -> None:
    """Records come to both, one of the two is replaced again and again, now by SIGTERM, now by ``kill -9``."""
    rng = Random(SEED)  # noqa: S311 - moments to end one at, no secrets
    async with world(tmp_path, mongod_uri, bots=2) as site, audited(site, f"two schedulers, {rounds} rounds"):
        for number in range(rounds):
            await asyncio.sleep(rng.uniform(1.0, 3.0))
            await site.replace(site.bots[number % 2])
            if number % 4 == 3:
                await site.restart(rng.choice(site.bots))

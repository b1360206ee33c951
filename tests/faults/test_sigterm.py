"""SIGTERM at random moments, whatever the bot is doing and however bad the world is meanwhile."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.slack_storm import storm
from tests.faults.world import SEED, World, world

pytestmark = pytest.mark.integration


@short_and_nightly("rounds", 1, 60)
async def test_sigterm_during_everything(rounds: int, tmp_path: Path, mongod_uri: str) -> None:
    """Each time it ends with 0 and leaves nothing behind that the next one would have to wait for."""
    async with world(tmp_path, mongod_uri) as site, audited(site, f"SIGTERM, {rounds} rounds, Slack in trouble"):
        trouble = asyncio.create_task(_trouble(site))
        await _rounds(site, rounds)
        trouble.cancel()
        await asyncio.gather(trouble, return_exceptions=True)
        site.stage.slack.recover()


async def _rounds(site: World, rounds: int) -> None:
    rng = Random(SEED)  # noqa: S311 - moments to end it at, no secrets
    (bot,) = site.bots
    for _ in range(rounds):
        await asyncio.sleep(rng.uniform(0.0, 1.5))
        await site.replace(bot)


async def _trouble(site: World) -> None:
    rng = Random(SEED + 1)  # noqa: S311 - what goes wrong when, no secrets
    while True:
        await storm(site, rng, 5.0, 4.0)

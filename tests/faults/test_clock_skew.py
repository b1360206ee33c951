"""A bot whose clock is wrong by as much as Slack's signatures allow, which is five minutes."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.world import world
from tests.integration.books import PATIENCE_SECONDS
from tests.integration.crew import ROOT

pytestmark = pytest.mark.integration

_SKEW_SECONDS = 295


@short_and_nightly("seconds", 1, 120)
async def test_clocks_are_five_minutes_wrong(seconds: int, tmp_path: Path, mongod_uri: str) -> None:
    """First ahead and then behind, on the same database, so that time goes back by ten minutes in between."""
    ahead, behind = (
        (sys.executable, "-m", "tests.faults.skewed_serve", str(skew)) for skew in (_SKEW_SECONDS, -_SKEW_SECONDS)
    )
    async with (
        world(tmp_path, mongod_uri, command=ahead, PYTHONPATH=str(ROOT)) as site,
        audited(site, f"clock {_SKEW_SECONDS} s ahead, then as much behind, {seconds} s each"),
    ):
        # A poll reads up to what its clock says, so a bot that is behind reads records of lately as much later.
        site.story.happened_ago = timedelta(seconds=_SKEW_SECONDS + 60)
        # What the first leaves to be sent is due only when the second's clock has come as far.
        site.books.patience = PATIENCE_SECONDS + 2 * _SKEW_SECONDS
        (bot,) = site.bots
        await asyncio.sleep(seconds)
        await site.books.until_settled()
        bot.command = behind
        await site.replace(bot)
        await asyncio.sleep(seconds)

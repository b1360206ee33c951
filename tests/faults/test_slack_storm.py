"""Slack answers with 500 and 429, late, or not at all."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.audit import audited
from tests.faults.lengths import short_and_nightly
from tests.faults.slack_storm import storm
from tests.faults.world import SEED, world

pytestmark = pytest.mark.integration

_LONGER_THAN_PATIENCE = 20.0
# A card that failed again and again is left alone for up to a quarter of an hour.
_LONGEST_PAUSE = 1000.0


@short_and_nightly("seconds", 4, 600)
async def test_slack_has_a_bad_day(seconds: int, tmp_path: Path, mongod_uri: str) -> None:
    rng = Random(SEED)  # noqa: S311 - what goes wrong when, no secrets
    silent = min(seconds, _LONGER_THAN_PATIENCE)
    async with world(tmp_path, mongod_uri) as site, audited(site, f"Slack in trouble for {seconds} s"):
        site.books.patience = _LONGEST_PAUSE
        await storm(site, rng, seconds, silent)


@pytest.mark.nightly
@pytest.mark.parametrize("seconds", [600])
async def test_where_the_bot_cannot_look_a_card_may_come_twice_and_says_so(
    seconds: int, tmp_path: Path, mongod_uri: str
) -> None:
    """In short the kills of tests/integration do that."""
    rng = Random(SEED)  # noqa: S311 - what goes wrong when, no secrets
    async with (
        world(tmp_path, mongod_uri, with_history=False) as site,
        audited(site, f"Slack in trouble for {seconds} s, without the history scope", may_repeat=True),
    ):
        site.books.patience = _LONGEST_PAUSE
        await storm(site, rng, seconds, _LONGER_THAN_PATIENCE)

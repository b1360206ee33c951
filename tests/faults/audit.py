"""What must hold after any trouble: nothing lost, nothing twice, nothing stuck, no memory kept."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from demo.stage import text_of
from tests.faults.story import CHEAP, DEAR
from tests.faults.world import CHAPTER_SECONDS, SEED, World
from tests.integration.bot_process import BotProcess

MOST_GROWTH = 64 * 2**20
_WARM_CHAPTERS = 1
_MAY_REPEAT = "may repeat"
_KIB = 1024


@asynccontextmanager
async def audited(
    world: World, name: str, *, chapter_seconds: float = CHAPTER_SECONDS, may_repeat: bool = False
) -> AsyncIterator[None]:
    """The world under load while the body does harm to it; afterwards everything is as if nobody had."""
    began = time.monotonic()
    async with world.load(chapter_seconds):
        await world.books.until(lambda: _is_warm(world), "the first effects")
        world.rss_before = max(map(rss, world.bots))
        yield
    after = max(map(rss, world.bots))
    await _check_books(world)
    _check_cards(world, may_repeat=may_repeat)
    for bot in world.bots:
        assert await bot.terminate() == 0
    await _check_nothing_is_held(world)
    _tell(world, name, time.monotonic() - began, after)
    assert after <= world.rss_before + MOST_GROWTH, "memory grew"


async def _is_warm(world: World) -> bool:
    return len(world.stage.cards()) >= _WARM_CHAPTERS


def rss(bot: BotProcess) -> int:
    """Bytes of memory that a bot has for itself now."""
    status = Path(f"/proc/{bot.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * _KIB


async def _check_books(world: World) -> None:
    told, database = world.story.told, world.books.database
    # None lost, none twice.
    found = [row["event_id"] async for row in database.cost_events.find({}, {"event_id": 1})]
    assert sorted(found) == sorted(one for chapter in told for one in chapter.cost_events)
    running = [row["resource_id"] async for row in database.resources.find({"running": True})]
    assert sorted(one.rpartition("/")[2] for one in running) == sorted(
        one for chapter in told for one in chapter.left_running
    )
    # What was learned from each of them was learned once.
    baseline = await world.books.baseline()
    assert baseline["events"] == len(found)
    assert baseline["types"][CHEAP]["count"] == len(told)
    dear = {
        key.split()[0].rpartition("/")[2]: cell["count"]
        for key, cell in baseline["pairs"].items()
        if key.endswith(DEAR)
    }
    assert dear == {one.name: len(one.starts) for one in told if one.is_expected}
    # Each stranger is one incident, with all it did.
    alerts = [row async for row in database.anomalies.find({"decision.kind": "alert"})]
    assert {row["actor"]["name"]: set(row["event_ids"]) >= set(_starts(world, row)) for row in alerts} == {
        chapter.name: True for chapter in told
    }
    assert len(alerts) == len(told)
    assert not [name for name, many in Counter(one for row in alerts for one in row["event_ids"]).items() if many > 1]
    assert await database.verdicts.count_documents({}) == sum(chapter.is_expected for chapter in told)


def _starts(world: World, anomaly: dict[str, Any]) -> Sequence[str]:
    return next(one.starts for one in world.story.told if one.name == anomaly["actor"]["name"])


def _check_cards(world: World, *, may_repeat: bool) -> None:
    """One card for each chapter; a second one only where the bot cannot look, and then it says so."""
    assert all(world.cards_of(chapter) for chapter in world.story.told), "a card was lost"
    repeated = [card for card in world.stage.cards() if _MAY_REPEAT in text_of(card)]
    assert len(world.stage.cards()) <= len(world.story.told) + len(repeated), "a card came twice"
    if not may_repeat:
        assert repeated == []
        assert len(world.stage.cards()) == len(world.story.told)
    for chapter in world.story.told:
        if chapter.is_expected:
            assert any("marked this expected" in text_of(card) for card in world.cards_of(chapter))


async def _check_nothing_is_held(world: World) -> None:
    """Every process has gone, so nobody may hold anything any more."""
    database, now = world.books.database, datetime.now(UTC)
    assert await database.leases.count_documents({"expires_at": {"$gt": now}}) == 0
    assert await database.outbox.count_documents({"claimed_until": {"$gt": now}}) == 0
    assert await database.posts.count_documents({"claimed_until": {"$gt": now}}) == 0
    assert await database.inbox.count_documents({}) == 0


def _tell(world: World, name: str, seconds: float, after: int) -> None:
    told = world.story.told
    done = ", ".join(f"{what} {many}" for what, many in sorted(world.counts.items())) or "nothing"
    click.echo(
        f"\n{name} (seed {SEED}): {seconds:.0f} s; records in {sum(len(one.records) for one in told)}, "
        f"cost events {sum(len(one.cost_events) for one in told)}, incidents {len(told)}, "
        f"cards {len(world.stage.cards())}, clicks {sum(one.is_expected for one in told)}; {done}; "
        f"RSS {world.rss_before / 2**20:.0f} MB before, {after / 2**20:.0f} MB after"
    )

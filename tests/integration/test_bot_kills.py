"""``kill -9`` at the worst moments: nothing lost, nothing twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from demo.slack_workspace.errors import NoSuchElementError
from demo.slack_workspace.models import Message
from demo.stage import Stage, text_of
from tests.integration.books import PATIENCE_SECONDS, Books, Plot, open_books
from tests.integration.bot_process import BotProcess, connect

pytestmark = pytest.mark.integration

KILLS = 8


class Run:
    """One bot living through a plot."""

    def __init__(self, stage: Stage, bot: BotProcess, books: Books, plot: Plot) -> None:
        self.stage = stage
        self.bot = bot
        self.books = books
        self.plot = plot

    async def kill_and_start(self) -> None:
        await self.bot.kill()
        await self.books.let_time_pass()
        await self.bot.start()

    def cards_about(self, words: str) -> list[Message]:
        return [card for card in self.stage.cards() if words in text_of(card)]

    async def mark_expected(self) -> None:
        """Click as a person does: again, when nothing happens."""

        async def said() -> bool:
            if await self.books.count("verdicts"):
                return True
            (card,) = self.cards_about("maria@acme.example")
            with suppress(NoSuchElementError):  # The card says so already.
                await self.stage.slack.click(
                    self.stage.maria.user_id, card.channel_id, card.message_ts, "anomaly.mark_expected"
                )
            await asyncio.sleep(0.5)
            return False

        await self.books.until(said, "recording a click")

    async def live(self) -> None:
        """The whole plot, whatever happens to the bot meanwhile."""
        await self.books.until_watched()
        for records in (self.plot.deploy, self.plot.stolen, self.plot.slip):
            self.stage.happen(records)
            await self.books.until_read(records)
        await self.books.until_settled()
        await self.mark_expected()
        await self.books.until_settled()
        for records in (self.plot.again, self.plot.stop):
            self.stage.happen(records)
            await self.books.until_read(records)
        await self.books.until_settled()

    async def check(self) -> None:
        """Exactly the cards, labels and incidents of the plot."""
        (stolen,) = self.cards_about("backup-uploader")
        (slip,) = self.cards_about("maria@acme.example")
        assert len(self.stage.cards()) == 2
        assert "Stopped after" in text_of(stolen)
        assert "marked this expected" in text_of(slip)
        assert [await self.books.count(name) for name in ("verdicts", "expectations", "outbox")] == [1, 1, 2]
        assert "may repeat" not in "".join(map(text_of, self.stage.cards()))


@asynccontextmanager
async def running(plot: Plot, folder: Path, uri: str) -> AsyncIterator[Run]:
    """A bot with its own workspace, its own AWS and its own database on the shared mongod."""
    name = f"test-{uuid4().hex}"
    async with open_books(uri, name) as books, Stage(with_bot=False, clock=plot.clock) as stage:
        stage.slack.grant_history()
        async with BotProcess(stage, folder, MONGODB_URI=uri, DD0C_DATABASE=name) as bot:
            yield Run(stage, bot, books, plot)


async def undisturbed(plot: Plot, folder: Path, uri: str) -> dict[str, object]:
    """What is learned when nothing goes wrong."""
    async with running(plot, folder, uri) as run:
        await connect(run.stage)
        await run.live()
        await run.check()
        return await run.books.baseline()


async def live_with_kills_between_doing_and_saving(run: Run) -> None:
    """The same plot; at each step the bot dies when the world has changed and its database does not know yet."""
    stage, slack = run.stage, run.stage.slack
    await connect(run.stage)

    async def reading() -> bool:
        return len(stage.aws.calls_of("LookupEvents")) >= 3

    await run.books.until(reading, "reading the history")
    await run.kill_and_start()  # in the middle of the history
    await run.books.until_watched()
    stage.happen(run.plot.deploy)
    await run.books.until_read(run.plot.deploy)

    posted = slack.hold_next("chat.postMessage")
    stage.happen(run.plot.stolen)
    await asyncio.wait_for(posted.arrived.wait(), PATIENCE_SECONDS)
    assert len(run.cards_about("backup-uploader")) == 1
    await run.kill_and_start()  # the card is in the channel, and the bot never heard so
    posted.released.set()
    await run.books.until_settled()

    slack.fail_next("chat.postMessage", status=503)
    refused = slack.hold_next("chat.postMessage")
    stage.happen(run.plot.slip)
    await asyncio.wait_for(refused.arrived.wait(), PATIENCE_SECONDS)
    assert run.cards_about("maria@acme.example") == []
    await run.kill_and_start()  # the card is not in the channel, and the bot never heard so
    refused.released.set()
    await run.books.until_settled()

    repainted = slack.hold_next("chat.update")
    await run.mark_expected()
    await asyncio.wait_for(repainted.arrived.wait(), PATIENCE_SECONDS)
    await run.kill_and_start()  # the verdict is recorded, and repainting its card is not
    repainted.released.set()
    await run.books.until_settled()
    stage.happen(run.plot.again)
    await run.books.until_read(run.plot.again)

    closed = slack.hold_next("chat.update")
    stage.happen(run.plot.stop)
    await asyncio.wait_for(closed.arrived.wait(), PATIENCE_SECONDS)
    await run.kill_and_start()
    closed.released.set()
    await run.books.until_read(run.plot.stop)
    await run.books.until_settled()


async def test_killed_between_doing_and_saving_it_neither_repeats_nor_forgets(tmp_path: Path, mongod_uri: str) -> None:
    plot = Plot()
    async with running(plot, tmp_path / "killed", mongod_uri) as run:
        async with asyncio.TaskGroup() as both:
            calm = both.create_task(undisturbed(plot, tmp_path / "undisturbed", mongod_uri))
            both.create_task(live_with_kills_between_doing_and_saving(run))
        await run.check()
        assert await run.books.baseline() == calm.result()


async def test_killed_at_random_moments_it_ends_with_exactly_the_expected_cards(
    tmp_path: Path, mongod_uri: str
) -> None:
    rng = Random(20)  # noqa: S311 - moments to kill at, no secrets
    plot = Plot()

    async def kill_now_and_then(run: Run) -> None:
        for _ in range(KILLS):
            await asyncio.sleep(rng.uniform(0.1, 2.0))
            await run.kill_and_start()

    async with running(plot, tmp_path / "killed", mongod_uri) as run:
        await connect(run.stage)
        async with asyncio.TaskGroup() as all_of_it:
            calm = all_of_it.create_task(undisturbed(plot, tmp_path / "undisturbed", mongod_uri))
            all_of_it.create_task(run.live())
            all_of_it.create_task(kill_now_and_then(run))
        await run.books.let_time_pass()
        await run.books.until_settled()
        await run.check()
        assert await run.books.baseline() == calm.result()


async def test_with_its_own_mongod_it_waits_for_nothing_that_a_killed_one_held(tmp_path: Path) -> None:
    """Neither for the scheduler's lease nor for the card; without the history scope the card says it may repeat."""
    plot = Plot()
    async with Stage(with_bot=False, clock=plot.clock) as stage, BotProcess(stage, tmp_path) as bot:
        stage.slack.grant_history(False)
        async with open_books(bot.local_uri(), "dd0c") as books:
            await connect(stage)
            await books.until_watched()
            posted = stage.slack.hold_next("chat.postMessage")
            stage.happen(plot.stolen)
            await asyncio.wait_for(posted.arrived.wait(), PATIENCE_SECONDS)
            os.kill(bot.pid, signal.SIGSTOP)  # Or it would say anew until when it holds what it holds.
            await books.hold_for_ever()
        await bot.kill()
        posted.released.set()
        await bot.start()
        async with open_books(bot.local_uri(), "dd0c") as books:
            await books.until_settled()
            stage.happen(plot.slip)
            await books.until_read(plot.slip)
            await books.until_settled()
        first, second, _slip = stage.cards()
        assert "may repeat" not in text_of(first)
        assert "may repeat" in text_of(second)

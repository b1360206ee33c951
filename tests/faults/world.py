"""A bot under load, all of it real but Slack and AWS, for a test to do harm to."""

import asyncio
import itertools
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from pymongo.errors import PyMongoError

from demo.aws_account import world as aws_world
from demo.slack_workspace.errors import NoSuchElementError
from demo.slack_workspace.models import Message
from demo.stage import Stage, text_of
from engine.models.account import AccountStatus, AwsAccount, RegionCursor
from engine.models.api_key import Scope
from engine.zombies.models import Scan
from services.keys import Keys
from store.connect import connect
from tests.faults.story import REGION, Chapter, Story
from tests.integration.books import PATIENCE_SECONDS, Books, open_books
from tests.integration.bot_process import DD0C, BotProcess

SEED = int(os.environ.get("DD0C_TEST_SEED", "20"))
CHAPTER_SECONDS = 2.0
_EXTERNAL_ID = "dd0c-faults"
_PUSH_SECONDS = 10.0
_UNREAD = timedelta(minutes=10)
_SLACK_SECONDS = 2.0


@dataclass
class World:
    """Everything around the bots, and what was done to them (``counts``)."""

    stage: Stage
    books: Books
    story: Story
    bots: Sequence[BotProcess]
    key: str
    counts: Counter[str] = field(default_factory=Counter)
    rss_before: int = 0
    _sending: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(self.bots)

    @asynccontextmanager
    async def load(self, chapter_seconds: float = CHAPTER_SECONDS) -> AsyncIterator[None]:
        """Chapter follows chapter while the body runs; in the end all of them were delivered, and clicked on."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PUSH_SECONDS)) as session:
            clicking = asyncio.create_task(self._click_for_ever())
            telling = asyncio.create_task(self._tell_for_ever(session, chapter_seconds))
            try:
                yield
                telling.cancel()
                await asyncio.gather(*self._sending)
                await self.until_known()
            finally:
                everything = (telling, clicking, *self._sending)
                for task in everything:
                    task.cancel()
                await asyncio.gather(*everything, return_exceptions=True)

    async def until_known(self) -> None:
        """All records told so far took effect, all cards are there, all clicks are recorded.

        A channel takes a message a second, and a chapter makes a card and mostly an edit of it: a bot that was killed
        all the time has hundreds of them to make up for.
        """
        self.books.patience = max(self.books.patience, PATIENCE_SECONDS + _SLACK_SECONDS * len(self.story.told))
        for chapter in self.story.told:
            await self.books.until_read([one for one in chapter.records if one["eventID"] in chapter.cost_events])

        async def clicked() -> bool:
            return not await self._unclicked()

        await self.books.until(clicked, "recording clicks")
        await self.books.until_settled()

    def cards_of(self, chapter: Chapter) -> list[Message]:
        """The cards in the channel that name whom a chapter is about."""
        return [card for card in self.stage.cards() if chapter.name in text_of(card)]

    async def restart(self, bot: BotProcess) -> None:
        """After ``kill -9``. What only waiting would cure (leases of the dead) is over, if nobody else holds any.

        Nobody may take a card from a bot that lives and is posting it just then; beside one, the leases end by
        themselves.
        """
        await bot.kill()
        if len(self.bots) == 1:
            await self.books.let_time_pass()
        await bot.start()
        self.counts["killed"] += 1

    async def replace(self, bot: BotProcess) -> None:
        """SIGTERM, and a new one; nothing that the old one held is taken from it."""
        assert await bot.terminate() == 0
        await bot.start()
        self.counts["terminated"] += 1

    async def _tell_for_ever(self, session: aiohttp.ClientSession, seconds: float) -> None:
        while True:
            chapter = self.story.next_chapter()
            if chapter.by_poll:
                self.stage.happen(chapter.records)
            if chapter.by_push:
                self._sending.append(asyncio.create_task(self._push(session, chapter)))
            await asyncio.sleep(seconds)

    async def _push(self, session: aiohttp.ClientSession, chapter: Chapter) -> None:
        """Send until it is taken, as every sender does; some send it again although it was."""
        body = b"\n".join(json.dumps(record).encode() for record in chapter.records)
        for _ in range(1 + chapter.number % 2):
            while not await self._is_taken(session, body):
                self.counts["refused"] += 1
                await asyncio.sleep(0.2)

    async def _is_taken(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        headers = {"Authorization": f"Bearer {self.key}"}
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.post(f"{next(self._turns).url}/v1/ingest", data=body, headers=headers) as answer:
                return answer.status == HTTPStatus.ACCEPTED
        return False

    async def _click_for_ever(self) -> None:
        """A person who clicks again when nothing happens, and asks for the status now and then."""
        stage, maria = self.stage, self.stage.maria.user_id
        while True:
            await asyncio.sleep(0.5)
            with suppress(PyMongoError):
                for chapter in await self._unclicked():
                    if not await self._is_known(chapter):
                        continue  # Of what comes after the click it would have to learn otherwise.
                    for card in self.cards_of(chapter)[:1]:
                        with suppress(NoSuchElementError):  # The card says so already.
                            await stage.slack.click(maria, card.channel_id, card.message_ts, "anomaly.mark_expected")
            await stage.slack.run_command(maria, stage.channel.channel_id, "/dd0c status")

    async def _is_known(self, chapter: Chapter) -> bool:
        found = await self.books.database.cost_events.count_documents({"event_id": {"$in": chapter.cost_events}})
        return bool(found == len(chapter.cost_events))

    async def _unclicked(self) -> list[Chapter]:
        marked = {row["anomaly_id"] async for row in self.books.database.verdicts.find({}, {"anomaly_id": 1})}
        names = {
            row["actor"]["name"]
            async for row in self.books.database.anomalies.find({"anomaly_id": {"$in": list(marked)}})
        }
        return [one for one in self.story.told if one.is_expected and one.name not in names]


@asynccontextmanager
async def world(
    folder: Path,
    uri: str,
    *,
    bots: int = 1,
    command: Sequence[str | Path] = (DD0C, "serve"),
    with_history: bool = True,
    **environment: str,
) -> AsyncIterator[World]:
    """Bots on one database, with a connected account that was read until some minutes ago."""
    name = f"test-{uuid4().hex}"
    async with open_books(uri, name) as books, Stage(with_bot=False, clock=_yesterday) as stage:
        stage.slack.grant_history(with_history)
        settings = {"MONGODB_URI": uri, "DD0C_DATABASE": name, **environment}
        crew = [_bot(stage, folder / f"bot-{number}", number, settings, command) for number in range(bots)]
        await crew[0].start()
        try:
            key = await _furnish(stage, uri, name)
            for bot in crew[1:]:
                await bot.start()
            yield World(stage, books, Story(aws_world.ACCOUNT_ID, SEED), crew, key)
        except BaseException:
            await asyncio.gather(*(bot.kill() for bot in crew))
            raise
        for bot in crew:
            await bot.__aexit__(None, None, None)  # Its log must be free of secrets and of tracebacks.


def _yesterday() -> datetime:
    """When the account's own history ends: out of reach of whatever is read again, so that only the story is found."""
    return datetime.now(UTC) - timedelta(days=1)


def _bot(
    stage: Stage,
    folder: Path,
    number: int,
    settings: dict[str, str],
    command: Sequence[str | Path],
) -> BotProcess:
    folder.mkdir(parents=True)
    port = {} if number == 0 else {"DD0C_PORT": "0"}
    bot = BotProcess(stage, folder, **settings, **port)
    bot.command = command
    return bot


async def _furnish(stage: Stage, uri: str, name: str) -> str:
    """Connect the account without its ten weeks of history, and make a key to push records with."""
    store = await connect(uri, name)
    try:
        now = datetime.now(UTC)
        tenant: Any = await store._database.tenants.find_one({})  # noqa: SLF001 - the bot adopted its workspace by itself
        account = AwsAccount(
            account_id=aws_world.ACCOUNT_ID,
            name="production",
            status=AccountStatus.ACTIVE,
            external_id=_EXTERNAL_ID,
            role_arn=stage.account.role_arn,
            regions=(REGION,),
            connected_at=now,
            cursors=(RegionCursor(region=REGION, read_until=now - _UNREAD, rescanned_at=now - _UNREAD),),
        )
        stage.account.restore_role(_EXTERNAL_ID)
        # To look for idle resources AWS's SDK reads all of EC2's description, 90 MB that no trouble is to blame for.
        idle = Scan(account_id=account.account_id, began_at=now, ended_at=now)
        await store.zombies.begin_scan(tenant["tenant_id"], account.account_id, now, ended_before=now, begun_before=now)
        await store.zombies.end_scan(tenant["tenant_id"], idle)
        await store.accounts.insert_account(tenant["tenant_id"], account)
        keys = Keys(store.api_keys, os.urandom, lambda: now)
        key, _ = await keys.create(tenant["tenant_id"], "faults", [Scope.WRITE], by="operator")
        return key
    finally:
        store.close()

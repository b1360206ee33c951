"""A bad world outside: named in status and log, outlasted, and nothing lost or said twice."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
import pytest

from bot.mongod import LocalMongod
from demo.aws_account.account import epoch
from demo.aws_account.history import store_form
from demo.aws_account.records import Record
from demo.stage import Stage, text_of
from store.replica_set import ensure_primary
from tests.integration.books import Books, Plot, open_books
from tests.integration.bot_process import BotProcess, connect

DRAINED_SECONDS = 30.0
pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 120.0


@dataclass
class Scene:
    """A bot that has learned its account, and everything around it."""

    stage: Stage
    bot: BotProcess
    books: Books
    plot: Plot


@pytest.fixture
async def scene(tmp_path: Path, mongod_uri: str) -> AsyncIterator[Scene]:
    name = f"test-{uuid4().hex}"
    async with running(tmp_path, mongod_uri, name) as scene:
        yield scene


@asynccontextmanager
async def running(folder: Path, uri: str, database: str) -> AsyncIterator[Scene]:
    plot = Plot()
    async with Stage(with_bot=False, clock=plot.clock) as stage, open_books(uri, database) as books:
        stage.slack.grant_history()
        async with BotProcess(stage, folder, MONGODB_URI=uri, DD0C_DATABASE=database) as bot:
            await connect(stage)
            await books.until_watched()
            await books.until_told()  # Its last chat.update would meet the trouble that waits for a card's.
            yield Scene(stage, bot, books, plot)


async def status_with(stage: Stage, *words: str) -> str:
    """Ask for the status until it says all of this."""
    status = ""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not all(word in status for word in words):
                status = await stage.ask("/dd0c status")
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"status never said {words}, but:\n{status}") from None
    return status


class Trouble(NamedTuple):
    """How a call to Slack fails, and the word by which status and log must name it."""

    word: str
    failure: dict[str, Any]


RATE_LIMITED = Trouble("ratelimited", {"retry_after": 3})
NO_CHANNEL = Trouble("channel_not_found", {"error": "channel_not_found"})
BAD_GATEWAY = Trouble("internal_error", {"status": 502})
REVOKED = Trouble("token_revoked", {"error": "token_revoked"})
CUT_BEFORE = Trouble("Slack did not answer", {})
CUT_AFTER = Trouble("Slack did not answer", {"after_effect": True})


@asynccontextmanager
async def failing_once(scene: Scene, method: str, trouble: Trouble, *, again: str) -> AsyncIterator[None]:
    """Let the next call fail; it must be named before the next attempt, the call ``again``, is answered."""
    slack = scene.stage.slack
    slack.fail_next(method, **trouble.failure)
    first = slack.hold_next(method)
    yield
    await asyncio.wait_for(first.arrived.wait(), PATIENCE_SECONDS)
    second = slack.hold_next(again)
    first.released.set()
    await asyncio.wait_for(second.arrived.wait(), PATIENCE_SECONDS)
    await status_with(scene.stage, "What did not get through", trouble.word)
    assert trouble.word in scene.bot.log()
    second.released.set()
    await scene.books.until_settled()
    assert "What did not get through" not in await scene.stage.ask("/dd0c status")


@pytest.mark.parametrize(
    ("first", "second"), [(RATE_LIMITED, NO_CHANNEL), (BAD_GATEWAY, REVOKED), (CUT_BEFORE, CUT_AFTER)]
)
async def test_what_slack_refuses_is_named_and_delivered_once_afterwards(
    scene: Scene, first: Trouble, second: Trouble
) -> None:
    for count, records, trouble in ((1, scene.plot.stolen, first), (2, scene.plot.slip, second)):
        again = "chat.update" if trouble is CUT_AFTER else "chat.postMessage"
        async with failing_once(scene, "chat.postMessage", trouble, again=again):
            scene.stage.happen(records)
        assert len(scene.stage.cards()) == count


async def test_what_was_clicked_is_shown_once_slack_takes_it(scene: Scene) -> None:
    stage = scene.stage
    stage.happen(scene.plot.slip)
    await scene.books.until_read(scene.plot.slip)
    await scene.books.until_settled()
    for trouble, action, said in (
        (RATE_LIMITED, "mark_expected", "marked this expected"),
        (BAD_GATEWAY, "undo", ""),
        (REVOKED, "acknowledge", "acknowledged this"),
    ):
        (card,) = stage.cards()
        async with failing_once(scene, "chat.update", trouble, again="chat.update"):
            await stage.slack.click(stage.maria.user_id, card.channel_id, card.message_ts, f"anomaly.{action}")
        (card,) = stage.cards()
        assert said in text_of(card)
        assert ("marked this expected" in text_of(card)) is (action == "mark_expected")
    assert await scene.books.count("outbox") == 1


async def test_sigterm_lets_a_card_under_way_finish(scene: Scene) -> None:
    posted = scene.stage.slack.hold_next("chat.postMessage")
    scene.stage.happen(scene.plot.stolen)
    await asyncio.wait_for(posted.arrived.wait(), PATIENCE_SECONDS)
    ending = asyncio.create_task(scene.bot.terminate())
    await until_not_ready(scene.bot.url)
    assert not ending.done()
    posted.released.set()
    assert await ending == 0
    await scene.books.until_settled()


async def until_not_ready(url: str) -> None:
    """Wait until a load balancer would send nothing more to this bot."""
    async with asyncio.timeout(PATIENCE_SECONDS), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status != HTTPStatus.OK:
                        return
            except aiohttp.ClientError:
                return
            await asyncio.sleep(0.05)


async def test_sigterm_outlasts_a_slack_that_never_answers(scene: Scene) -> None:
    """The call ends by itself, the card is known to be in doubt, and the next process finds it in the channel."""
    posted = scene.stage.slack.hold_next("chat.postMessage")
    scene.stage.happen(scene.plot.stolen)
    await asyncio.wait_for(posted.arrived.wait(), PATIENCE_SECONDS)
    began = time.monotonic()
    assert await scene.bot.terminate() == 0
    assert time.monotonic() - began < DRAINED_SECONDS
    assert "Slack did not answer (TimeoutError)" in scene.bot.log()
    assert "apscheduler" not in scene.bot.log()
    assert "slack_bolt" not in scene.bot.log()
    await scene.bot.start()
    await scene.books.until_settled()
    assert len(scene.stage.cards()) == 1


async def blocked_once(books: Books, collection: str, seconds: float) -> Callable[[], Awaitable[None]]:
    """Let the next insert into a collection wait so long; gives what waits until it has begun to."""
    admin, fail_point = books.database.client.admin, "failCommand"
    insert = {"failCommands": ["insert"], "namespace": f"{books.database.name}.{collection}"}
    before = await admin.command(
        "configureFailPoint",
        fail_point,
        mode={"times": 1},
        data={**insert, "blockConnection": True, "blockTimeMS": round(seconds * 1000)},
    )

    async def entered() -> None:
        times, patience = before["count"] + 1, round(PATIENCE_SECONDS * 1000)
        await admin.command("waitForFailPoint", fail_point, timesEntered=times, maxTimeMS=patience)

    return entered


async def test_sigterm_lets_a_click_have_its_effect(scene: Scene) -> None:
    """Whoever clicked was told so before it was written down."""
    stage = scene.stage
    stage.happen(scene.plot.slip)
    await scene.books.until_read(scene.plot.slip)
    await scene.books.until_settled()
    (card,) = stage.cards()
    writing = await blocked_once(scene.books, "verdicts", seconds=6)
    click = await stage.slack.click(stage.maria.user_id, card.channel_id, card.message_ts, "anomaly.mark_expected")
    assert click.ack.status == HTTPStatus.OK
    await writing()
    assert await scene.bot.terminate() == 0
    assert await scene.books.count("verdicts") == 1
    (card,) = stage.cards()
    assert "marked this expected" in text_of(card)


async def test_a_revoked_role_is_named_and_work_goes_on_when_it_is_back(scene: Scene) -> None:
    stage = scene.stage
    external_id = stage.account.external_id
    stage.account.revoke_role()
    await status_with(stage, "NOT WATCHED, access denied", "1 in trouble")
    stage.happen(scene.plot.stolen)
    stage.account.restore_role(external_id)
    await status_with(stage, ": watched", "none in trouble")
    await scene.books.until_read(scene.plot.stolen)
    await scene.books.until_settled()
    assert len(stage.cards()) == 1
    assert "AccessDenied" in scene.bot.log()


def deliver(stage: Stage, record: Record, *, text: str | None = None, **changes: object) -> None:
    """Let LookupEvents show a record that no launch left: changed, or with another text altogether."""
    spoiled = {**record, "eventID": str(uuid4()), **changes}
    event_time = epoch(record["eventTime"])
    stored = store_form(spoiled, event_time, 0, event_time)
    stage.account.history(record["awsRegion"]).insert(replace(stored, text=text if text is not None else stored.text))


async def test_bad_records_are_named_and_stop_nothing(scene: Scene) -> None:
    stage, launch = scene.stage, scene.plot.slip[0]
    (item, *_) = launch["responseElements"]["instancesSet"]["items"]
    unheard_of = {"instancesSet": {"items": [{**item, "instanceId": "i-0abc", "instanceType": "z99.enormous"}]}}
    deliver(stage, launch, text='{"eventVersion": "1.11", ')
    deliver(stage, launch, text="")
    deliver(stage, launch, requestParameters="\ud800" * 40, responseElements=17)
    deliver(stage, launch, userIdentity={"type": ["not", "a", "string"]})
    deliver(stage, launch, eventName="PutParameter", requestParameters={"padding": "x" * 300_000})
    deliver(stage, launch, responseElements=unheard_of)
    stage.happen(scene.plot.stolen)
    await scene.books.until_read(scene.plot.stolen)
    await scene.books.until_settled()
    assert [card for card in stage.cards() if "backup-uploader" in text_of(card)]
    await status_with(stage, "malformed (last: ", "unknown price", "none in trouble")


async def test_mongodb_may_hang_and_go_away_and_come_back(tmp_path: Path) -> None:
    """Whoever asks meanwhile is answered, at the latest in words; nothing that happened meanwhile is lost."""
    mongod = LocalMongod(tmp_path / "mongod", ensure_primary=ensure_primary)
    async with mongod as uri, running(tmp_path, uri, "dd0c") as scene:
        stage = scene.stage
        hanging = mongod.pid
        assert hanging is not None
        os.kill(hanging, signal.SIGSTOP)
        stage.happen(scene.plot.stolen)
        asked = asyncio.create_task(stage.ask("/dd0c status"))
        await asyncio.sleep(3)
        os.kill(hanging, signal.SIGCONT)
        assert ": watched" in await asked
        await mongod.stop()
        stage.happen(scene.plot.slip)
        asking = await stage.slack.run_command(stage.maria.user_id, stage.channel.channel_id, "/dd0c status")
        (answer,) = await asking.wait_for_posts(seconds=PATIENCE_SECONDS)
        assert "a system behind dd0c/cost did not answer" in answer["text"]
        assert await mongod.start() == uri
        await scene.books.until_read([*scene.plot.stolen, *scene.plot.slip])
        await scene.books.until_settled()
        assert len(stage.cards()) == 2
        assert "MongoDB did not answer" in scene.bot.log()


async def test_a_card_that_was_posted_while_mongodb_was_away_is_not_posted_again(tmp_path: Path) -> None:
    mongod = LocalMongod(tmp_path / "mongod", ensure_primary=ensure_primary)
    async with mongod as uri, running(tmp_path, uri, "dd0c") as scene:
        posted = scene.stage.slack.hold_next("chat.postMessage")
        scene.stage.happen(scene.plot.stolen)
        await asyncio.wait_for(posted.arrived.wait(), PATIENCE_SECONDS)
        await mongod.stop()
        posted.released.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "job deliver_cards: MongoDB" not in scene.bot.log():  # noqa: ASYNC110 - the log is all that shows it
                await asyncio.sleep(0.2)
        assert await mongod.start() == uri
        await scene.books.let_time_pass()
        await scene.books.until_settled()
        (card,) = scene.stage.cards()
        assert "may repeat" not in text_of(card)

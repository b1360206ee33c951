"""``kill -9`` at every step between receiving and learning: what is there in the end is what is there undisturbed."""

import asyncio
import multiprocessing
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from pymongo import MongoClient

from demo.slack_workspace import SlackWorkspace
from demo.stage import text_of
from store.connect import Store, connect
from tests.integration.books import Books, open_books
from tests.integration.mortal import Plan, live
from tests.integration.reaper import Point
from tests.services.world import ACCOUNT, DEPLOY, MINUTE, REGION, REGIONS, TENANT, furnished, raw, stranger

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 60.0
_BY_CHANCE = {"_id", "version", "expectation_id", "status_at", "revision"}
_DATE = re.compile(r"<!date\^\d+[^>]*>")

POINTS = {
    "received, not kept": Point("inbox", "save_batches", "before"),
    "kept, not queued": Point("queue", "put", "before"),
    "kept and queued, not acknowledged": Point("acknowledgements", "give", "before"),
    "acknowledged, not worked on": Point("ledger", "find_known_event_ids", "before"),
    "judged, before the transaction": Point("ledger", "commit", "before"),
    "inside the transaction, before its commit": Point("ledger", "commit", "within"),
    "committed, still in the inbox": Point("ledger", "commit", "after"),
    "committed, before the inbox forgets": Point("inbox", "delete_batches", "before"),
    "the inbox has forgotten": Point("inbox", "delete_batches", "after"),
    "polled, inside the transaction": Point("ledger", "commit", "within", 2),
    "polled and committed, before the cursors move": Point("accounts", "save_cursors", "before"),
    "inside the transaction that moves the cursors": Point("accounts", "save_cursors", "within"),
    "the cursors have moved": Point("accounts", "save_cursors", "after"),
    "before a card is claimed": Point("outbox", "claim_due", "before"),
    "a card is claimed, not posted": Point("outbox", "claim_due", "after"),
    "posted, not saved": Point("outbox", "save_delivery", "before"),
    "posted and saved, the next card is not": Point("outbox", "save_delivery", "after"),
    "inside the transaction of a verdict": Point("anomalies", "record_verdicts", "within"),
    "verdict recorded, not queued for learning": Point("anomalies", "record_verdicts", "after"),
    "learned, before the transaction": Point("anomalies", "commit_learning", "before"),
    "learned, not flagged as learned": Point("anomalies", "commit_learning", "within"),
    "learned and flagged": Point("anomalies", "commit_learning", "after"),
    "the end of what runs, inside the transaction": Point("ledger", "commit", "within", 3),
    "repainted, not saved": Point("outbox", "save_delivery", "before", 4),
}


class State(msgspec.Struct, frozen=True):
    """All that people and the next record can see. Two cards that are due at the same time come in any order."""

    cost_events: list[Any]
    baseline: Any
    resources: list[Any]
    anomalies: list[Any]
    cursors: Any
    waiting: list[int]
    cards: list[str]


@pytest.fixture(scope="module", autouse=True)
def short_transactions(mongod_uri: str) -> Iterator[None]:
    """MongoDB keeps what a dead process had in its transaction, and refuses it to others, for as long as it is told."""
    with MongoClient[dict[str, Any]](mongod_uri) as client:
        before = client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=1)["was"]
        yield
        client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=before)


@pytest.fixture(scope="module")
def undisturbed(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> State:
    """How it ends when nobody dies."""
    return asyncio.run(end_of(None, mongod_uri, tmp_path_factory.mktemp("undisturbed")))


@pytest.fixture(scope="module", autouse=True)
def nursery() -> None:
    """Processes are forked from one that has everything imported: starting Python anew would take most of the time."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.integration.mortal"])


def test_undisturbed_everything_happens_once(undisturbed: State) -> None:
    assert len(undisturbed.cost_events) == 5
    assert undisturbed.waiting == [0, 0, 0]
    assert len(undisturbed.cards) == 2
    assert [card.count("marked this expected") for card in undisturbed.cards] in ([0, 1], [1, 0])
    assert [card.count("Stopped after") for card in undisturbed.cards] in ([0, 1], [1, 0])


@pytest.mark.parametrize("name", POINTS)
async def test_killed_there_it_ends_as_if_nothing_had_happened(
    name: str, undisturbed: State, mongod_uri: str, tmp_path: Path
) -> None:
    assert await end_of(POINTS[name], mongod_uri, tmp_path) == undisturbed


async def end_of(death: Point | None, uri: str, folder: Path) -> State:
    """Live once, or die there and live again; gives what is there in the end."""
    name = f"test-{uuid4().hex}"
    async with SlackWorkspace() as slack, open_books(uri, name) as books:
        slack.grant_history()
        channel = slack.add_channel("costs")
        try:
            plan = await _plan(uri, name, folder, slack, channel.channel_id)
            if death is not None:
                first = msgspec.structs.replace(plan, death=death)
                assert await _exit_code(first) == -signal.SIGKILL
                plan = msgspec.structs.replace(plan, life=2)
            assert await _exit_code(plan) == 0
            return await _state(books, [text_of(card) for card in slack.messages(channel.channel_id)])
        finally:
            await books.database.client.drop_database(name)


async def _plan(uri: str, name: str, folder: Path, slack: SlackWorkspace, channel_id: str) -> Plan:
    """The same records every time: six to be called expected, eight that are stopped, and one that nobody minds."""
    store: Store = await connect(uri, name, retention_days=36_500)
    world = await furnished(store)
    tenant = await store.tenants.find_tenant(TENANT)
    await store.tenants.save_tenant(msgspec.structs.replace(tenant, alert_channel_id=channel_id))
    store.close()
    launched = world.launch(6, ago=9 * MINUTE, actor=stranger(1))
    others = world.launch(8, ago=8 * MINUTE, actor=stranger(2), region=REGIONS[0])
    usual = world.launch(1, "t3.small", ago=7 * MINUTE, actor=DEPLOY)
    again = world.launch(6, ago=2 * MINUTE, actor=stranger(1))
    stop = world.terminate(others, ago=MINUTE)
    return Plan(
        uri=uri,
        database=name,
        folder=folder,
        slack_url=slack.api_url,
        slack_token=slack.bot_token,
        tenant_id=TENANT,
        account_id=ACCOUNT,
        person=slack.add_user("maria").user_id,
        expected_actor="stranger-1",
        now=world.clock(),
        pushed=(raw([launched, usual]), raw([again, stop, launched])),
        polled={REGION: raw([usual, launched]), REGIONS[0]: raw([others])},
    )


async def _exit_code(plan: Plan) -> int | None:
    process = multiprocessing.get_context("forkserver").Process(target=live, args=(plan,))
    process.start()
    await asyncio.to_thread(process.join, PATIENCE_SECONDS)
    if process.is_alive():
        process.kill()
        raise AssertionError("the bot neither died nor ended")
    code = process.exitcode
    process.close()
    return code


async def _state(books: Books, cards: list[str]) -> State:
    database = books.database
    [account] = [row async for row in database.accounts.find()]
    unsent = {"$or": [{"state": {"$ne": "sent"}}, {"$expr": {"$gt": ["$wanted", "$shown"]}}]}
    return State(
        cost_events=await _rows(database.cost_events, "event_id"),
        baseline=await books.baseline(),
        resources=await _rows(database.resources, "resource_id"),
        anomalies=await _rows(database.anomalies, "anomaly_id"),
        cursors=account["cursors"],
        waiting=[
            await database.inbox.count_documents({}),
            await database.verdicts.count_documents({"learned": False}),
            await database.outbox.count_documents(unsent),
        ],
        cards=sorted(_DATE.sub("then", card) for card in cards),
    )


async def _rows(collection: Any, key: str) -> list[Any]:
    found = collection.find(sort=[(key, 1), ("part", 1)])
    return [{name: value for name, value in row.items() if name not in _BY_CHANCE} async for row in found]

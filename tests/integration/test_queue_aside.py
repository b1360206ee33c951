"""``dd0c queue aside`` and ``retry`` as an operator runs them, on a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.identity import utc_now
from engine.models.trail import FileState
from engine.models.work import WorkItem
from store.connect import Store, connect
from tests.store.samples import ACCOUNT, HOUR, NOW, OTHER_TENANT, TENANT, batch, trail_file

pytestmark = pytest.mark.integration
Run = Callable[..., Result]
T = TypeVar("T")


@pytest.fixture
def database() -> str:
    return f"aside-{uuid4().hex[:12]}"


@pytest.fixture
def run(mongod_uri: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MONGODB_URI", mongod_uri)
    monkeypatch.setenv("DD0C_DATABASE", database)
    return lambda *words: CliRunner().invoke(main, ["queue", *words])


async def _fill(store: Store) -> None:
    await store.inbox.save_batches([batch("b-1"), batch("b-2", tenant_id=OTHER_TENANT), batch("b-3")])
    await store.inbox.set_aside(TENANT, "b-1", "ValueError: a bug")
    await store.inbox.set_aside(OTHER_TENANT, "b-2", "MalformedRecord: damaged")
    where = {"account_id": ACCOUNT, "trail": "s3://logs", "key": "AWSLogs/1.gz", "error": "is gzip that was cut off"}
    for name, state in (("f-1", FileState.SET_ASIDE), ("f-2", FileState.SET_ASIDE), ("f-3", FileState.DONE)):
        await store.trails.save_file(trail_file(file_id=name, state=state, **where), utc_now() + HOUR)


async def _due(store: Store) -> list[str]:
    return [file.file_id for file in await store.trails.find_due_files("s3://logs", utc_now(), 9)]


async def _waiting(store: Store) -> list[WorkItem]:
    return await store.inbox.find_waiting(NOW + HOUR, 10)


def with_store(uri: str, database: str, work: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        store = await connect(uri, database)
        try:
            return await work(store)
        finally:
            store.close()

    return asyncio.run(run())


def test_batches_are_listed_with_their_reason_and_retried(run: Run, mongod_uri: str, database: str) -> None:
    with_store(mongod_uri, database, _fill)
    listed = run("aside")
    assert listed.exit_code == 0, listed.output
    assert f"account {ACCOUNT}" in listed.output
    assert "ValueError: a bug" in listed.output
    assert "MalformedRecord: damaged" in listed.output
    assert "2 of 2 batches" in listed.output
    assert "b-3" not in listed.output
    assert "AWSLogs/1.gz of s3://logs  is gzip that was cut off" in listed.output
    assert "2 of 2 log files" in listed.output
    assert "1 of 2 batches" in run("aside", "--limit", "1").output
    assert "1 batches and 0 log files wait" in run("retry", "b-1").output
    assert "0 batches and 1 log files wait" in run("retry", "f-1").output
    assert with_store(mongod_uri, database, _due) == ["f-1"]
    assert "1 batches and 1 log files wait" in run("retry").output
    assert "0 batches and 0 log files wait" in run("retry").output
    assert "0 of 0 batches" in run("aside").output
    assert {item.tenant_id for item in with_store(mongod_uri, database, _waiting)} == {TENANT, OTHER_TENANT}

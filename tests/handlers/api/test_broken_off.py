"""What ends in the middle: requests of who hangs up, downloads that fail, and failures that nobody thought of."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from engine.errors import Unavailable
from engine.models.api_key import Scope
from services.exporting import Exporting
from services.keys import Keys
from services.receiving import Receiver
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.handlers.site.house import House, opened
from tests.store.conftest import RETENTION_DAYS
from tests.store.samples import TENANT

PATIENCE_SECONDS = 10.0


class Programs:
    """A program's way into the house."""

    def __init__(self, house: House, key: str) -> None:
        self.url = house.url
        self.headers = {"Authorization": f"Bearer {key}"}


@pytest.fixture
async def program() -> AsyncIterator[Programs]:
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    async with opened(store) as house:
        key, _ = await Keys(store.api_keys, os.urandom, lambda: house.now).create(TENANT, "test", tuple(Scope), by="x")
        yield Programs(house, key)


@pytest.mark.parametrize("path", ["/v1/accounts/setup", "/v1/ingest"])
async def test_who_hangs_up_is_one_line_and_no_fault_of_ours(
    program: Programs, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    place = urlsplit(program.url)
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    lines = [f"POST {path} HTTP/1.1", f"Host: {place.netloc}", f"Authorization: {program.headers['Authorization']}"]
    writer.write("\r\n".join([*lines, "Content-Type: application/json", "Content-Length: 30", "", "half"]).encode())
    await writer.drain()
    await asyncio.sleep(0.2)  # Until its key is known, and the rest of the body waited for.
    writer.transport.abort()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "hung up before their request was read" not in caplog.text:  # noqa: ASYNC110 - only the log tells
            await asyncio.sleep(0.02)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(("error", "level"), [(Unavailable("away"), "WARNING"), (ValueError("a fault"), "ERROR")])
async def test_a_download_that_fails_is_not_taken_for_whole(
    program: Programs, error: Exception, level: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lines(*_given: Any) -> AsyncIterator[bytes]:
        yield b'{"kind": "accounts"}\n'
        raise error

    monkeypatch.setattr(Exporting, "_lines", lines)
    async with (
        aiohttp.ClientSession(headers=program.headers) as session,
        session.get(f"{program.url}/v1/export") as answer,
    ):
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
    said = [record for record in caplog.records if "/v1/export" in record.getMessage()]
    assert [record.levelname for record in said] == [level]


async def test_what_nobody_thought_of_is_a_problem_without_details(
    program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: Any) -> None:
        raise ValueError("secret place")

    monkeypatch.setattr(Receiver, "receive", broken)
    async with (
        aiohttp.ClientSession(headers=program.headers) as session,
        session.post(f"{program.url}/v1/ingest", data=b"{}") as answer,
    ):
        problem = await answer.json(content_type="application/problem+json")
    assert (answer.status, problem["status"]) == (500, 500)
    assert "secret" not in str(problem)
    assert problem["hint"]

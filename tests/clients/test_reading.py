"""Answers that come in pieces, as long ones do on a real network."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from clients.identity.web import fetch_json
from clients.web_look import look_at_address
from engine.errors import Unavailable

KEYS = {"keys": ["x" * 1000] * 20}
TOO_LARGE = 300 * 1024


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Each piece is sent when the one before it was taken: the client reads between them."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        body = json.dumps(KEYS).encode()
        for piece in (body[:1], body[1:2000], body[2000:]):
            await response.write(piece)
            await asyncio.sleep(0.02)
        return response

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"[" + b"0," * TOO_LARGE)
        return response

    app = web.Application()
    app.router.add_get("/pieces", answer)
    app.router.add_get("/flood", flood)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_issuers_answer_is_read_to_its_end_and_no_further_than_its_limit(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        assert await fetch_json(session, "GET", f"{url}/pieces") == KEYS
        with pytest.raises(Unavailable, match="cannot be read"):
            await fetch_json(session, "GET", f"{url}/flood")


async def test_a_look_sees_as_much_of_an_answer_as_it_asked_for(url: str) -> None:
    seen = await look_at_address("GET", f"{url}/pieces", {})
    assert (seen.status, seen.start) == (200, json.dumps(KEYS).encode()[:4096])

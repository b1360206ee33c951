"""Somebody sends half a request and hangs up, while the other half is waited for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from handlers.web.hanging_up import forgiven

HALF = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"
PATIENCE_SECONDS = 10.0


class Door:
    """A server that reads the body once it is let, as ours do when they have looked somebody up."""

    def __init__(self) -> None:
        self.arrived, self.let, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.status = 0
        self.error: Exception | None = None
        self.port = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.arrived.set()
        await self.let.wait()
        if self.error is not None:
            raise self.error
        return web.Response(body=await request.read())

    @web.middleware
    async def watched(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            self.status = error.status
            raise
        finally:
            self.ended.set()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    app = web.Application(middlewares=[made.watched, forgiven])
    app.router.add_post("/", made.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


async def test_it_is_one_line_and_no_fault_of_ours(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    _, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(HALF)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await door.arrived.wait()
        writer.transport.abort()
        await asyncio.sleep(0.1)  # Until the server has heard of it.
        door.let.set()
        await door.ended.wait()
    assert door.status == 400
    assert "POST /: whoever asked hung up before their request was read" in caplog.text
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_another_connection_that_breaks_is_a_fault(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.error = ConnectionResetError("somebody else's")
    door.let.set()
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(HALF)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert b" 500 " in await reader.readline()
    assert "Error handling request" in caplog.text
    writer.close()

"""``dd0c forward`` against the real route, and against servers that refuse."""

import asyncio
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from clients.forwarder import Forwarder
from engine.errors import AccessDenied, Rejected, Unavailable
from tests.handlers.test_ingest import Door, door
from tests.services.test_inbox import IRRELEVANT, lines

__all__ = ["door"]


class Answers:
    """A bot that answers as told, and then takes everything."""

    def __init__(
        self, *answers: tuple[int, dict[str, str]], words: bytes = b'{"kept": 1, "detail": "because"}'
    ) -> None:
        self.answers = list(answers)
        self.words = words
        self.bodies: list[bytes] = []
        self.pauses: list[float] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        status, headers = self.answers.pop(0) if self.answers else (202, {})
        return web.Response(body=self.words, status=status, headers=headers)

    async def send(self, body: bytes = b"x") -> Any:
        app = web.Application()
        app.router.add_post("/v1/ingest", self.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
                return await Forwarder(session, url, "dd0c_x", sleep=self.pause, random=lambda: 1.0).send(body)
        finally:
            await runner.cleanup()

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def test_it_waits_as_long_as_it_is_told_and_longer_each_time() -> None:
    bot = Answers((503, {}), (429, {"Retry-After": "7"}), (500, {"Retry-After": "soon"}))
    assert (await bot.send(b"batch")).kept == 1
    assert bot.bodies == [b"batch"] * 4
    assert bot.pauses == [0.5, 7.0, 2.0]


@pytest.mark.parametrize(
    ("status", "error"), [(401, AccessDenied), (403, AccessDenied), (400, Rejected), (302, Rejected)]
)
async def test_a_refusal_that_stays_is_said_at_once(status: int, error: type[Exception]) -> None:
    bot = Answers((status, {}))
    with pytest.raises(error, match="because"):
        await bot.send()
    assert (len(bot.bodies), bot.pauses) == (1, [])


@pytest.mark.parametrize("words", [b"<html>", b'{"kept": "\xff"}', b'{"x": ' + b"[" * 5_000, b"[]"])
async def test_what_is_no_dd0c_cost_is_named(words: bytes) -> None:
    with pytest.raises(Rejected, match="no dd0c/cost"):
        await Answers(words=words).send()
    with pytest.raises(Rejected, match="status 404"):
        await Answers((404, {}), words=words).send()


async def test_it_gives_up_at_last() -> None:
    bot = Answers(*[(503, {})] * 50)
    with pytest.raises(Unavailable, match="8 tries"):
        await bot.send()
    assert len(bot.bodies) == 8


async def run(door: Door, *words: str, key: str = "", stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    url = door.url.removesuffix("/v1/ingest")
    environment = {"DD0C_URL": url, "DD0C_API_KEY": key or door.key, "PATH": "/usr/bin"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "forward",
        *words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    out, err = await process.communicate(stdin)
    return subprocess.CompletedProcess(words, process.returncode or 0, out, err)


async def test_files_and_folders_reach_the_inbox(door: Door, tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps({"Records": [door.world.launch()]}).encode()))
    (tmp_path / "b.jsonl").write_bytes(lines([door.world.launch(), IRRELEVANT]))
    done = await run(door, str(tmp_path))
    assert (done.returncode, b"3 records sent, 2 of them bear cost" in done.stderr) == (0, True), done.stderr
    again = await run(door, str(tmp_path))
    assert again.returncode == 0
    assert await door.waiting() == 2


async def test_standard_input_with_something_broken_is_sent_as_far_as_it_goes(door: Door) -> None:
    done = await run(door, "-", stdin=b"{broken\n" + lines([door.world.launch()]))
    assert (done.returncode, await door.waiting()) == (1, 1)
    assert b"standard input:1" in done.stderr


async def test_a_wrong_key_is_said_in_a_sentence(door: Door) -> None:
    done = await run(door, "-", key="dd0c_wrong", stdin=lines([IRRELEVANT]))
    assert (done.returncode, b"refuses this API key" in done.stderr) == (1, True)
    assert b"Traceback" not in done.stderr

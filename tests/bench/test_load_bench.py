"""The benchmark of load measures what it says, however small; how fast that is, is not judged here."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest
from aiohttp import web
from click.testing import CliRunner

from bench.cli import bench
from bench.load.driving import Answered, Driver
from bench.load.measure import BARE, BOT, rows
from bench.load.samples import sampled
from bench.load.traffic import READ, Request


@pytest.mark.integration
@pytest.mark.usefixtures("mongod_binary")
def test_the_bot_and_the_bare_handler_answer_every_kind_of_request() -> None:
    answer = CliRunner().invoke(bench, ["load", "--seconds", "2", "--rate", "20", "--json"])
    assert answer.exit_code == 0, answer.output
    told = msgspec.json.decode(answer.output.splitlines()[-1])
    found = {(row["app"], row["kind"]): row for row in told["rows"]}
    kinds = ("command", "click", "event", "API read", "ingest", "all requests")
    # The bare one has a fifth of the time, in which not every kind comes.
    assert {kind for app, kind in found if app == BOT} == set(kinds)
    assert [found[app, "all requests"]["requests"] for app in (BOT, BARE)] == [40, 8]
    assert [found[BOT, kind]["errors"] for kind in kinds] == [0] * len(kinds), told["troubles"]
    assert found[BOT, "all requests"]["p50_ms"] <= found[BOT, "all requests"]["p99_ms"]
    assert min(told["cpu_ms"], told["rss_before_mb"], told["rss_after_mb"]) > 0


@pytest.fixture
async def picky() -> AsyncIterator[str]:
    """A server that refuses what does not ask nicely, and holds up all the same."""

    async def handle(request: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response(status=200 if request.path == "/please" else 403)

    app = web.Application()
    app.router.add_get("/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_what_is_refused_or_does_not_get_through_is_an_error(picky: str) -> None:
    told: list[Answered] = []
    paths = iter(["/please", "/give", "/please", "/give"])
    async with aiohttp.ClientSession() as session:
        driver = Driver(session, told.append)
        await driver.drive(picky, lambda: Request(READ, "GET", next(paths), b"", {}), 100, 0.04)
        await driver.drive_in_turn(picky, lambda: Request(READ, "GET", "/please", b"", {}), 100, 0.03)
        await driver.drive("http://127.0.0.1:1", lambda: Request(READ, "GET", "/please", b"", {}), 100, 0.01)
    assert sorted(one.trouble for one in told) == ["", "", "", "ClientConnectorError", "status 403", "status 403"]
    assert all(one.took_ms >= 50 for one in told if not one.trouble)
    (one_kind, together) = rows(BOT, told)
    assert (one_kind.kind, one_kind.requests, one_kind.errors, together.kind) == (READ, 6, 3, "all requests")


def test_a_soak_is_cut_into_stretches() -> None:
    told = [Answered(READ, 100.0 + number, float(number), "lost" if number == 3 else "") for number in range(6)]
    first, second = sampled(told, 100.0, [(3.0, 5 * 2**20), (6.0, 6 * 2**20)])
    assert (first.requests, first.errors, first.p50_ms, first.p99_ms, first.rss_mb) == (3, 0, 1.0, 2.0, 5.0)
    assert (second.requests, second.errors, second.p50_ms, second.p99_ms, second.rss_mb) == (3, 1, 4.0, 5.0, 6.0)

"""The numbers that processes tell: each metric, from what really happens."""

import asyncio
import json
import logging
from itertools import count

import aiohttp
import pytest
from aiohttp import web

from bot.log import formatter
from bot.metrics import CloudWatch, Meters, told
from bot.redaction import Redaction
from bot.telemetry_settings import TelemetrySettings
from bot.wiring.telemetry import build_telemetry
from clients.local_queue import LocalQueue
from clients.telemetry.numbers import PrometheusMeter
from engine.errors import Unavailable
from engine.models.work import WorkItem, WorkKind
from handlers.web.metering import metered as metered_requests
from services.correlation import correlated
from services.metering import Metric, metered
from services.unwatched import NO_TRACER


class Numbers(CloudWatch):
    """A meter whose lines can be read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        super().__init__(self.lines.append)

    def total(self, name: str) -> int:
        return sum(json.loads(line).get(name, 0) for line in self.lines)


async def test_failed_work_is_an_operation_and_an_error() -> None:
    numbers = Numbers()

    async def handle(item: WorkItem) -> None:
        if item.kind is WorkKind.PURGE:
            raise Unavailable("away")

    counted = metered(handle, numbers, lambda: "w-1")
    await counted(WorkItem(WorkKind.POLL, "t", "1"))
    with pytest.raises(Unavailable):
        await counted(WorkItem(WorkKind.PURGE, "t", "1"))
    numbers.log.flush()
    assert (numbers.total("Operations"), numbers.total("Errors")) == (2, 1)


async def test_what_is_logged_of_a_work_item_names_its_kind_and_this_try(caplog: pytest.LogCaptureFixture) -> None:
    """That it failed too, which the queue says behind it; and nothing of the request that queued it."""
    caplog.set_level(logging.INFO)
    said: list[dict[str, object]] = []
    numbers, queue = count(1), LocalQueue(8)

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(json.loads(formatter("json", Redaction()).format(record)))

    async def handle(item: WorkItem) -> None:
        logging.getLogger("tests.work").info("at work on %s", item.kind)
        if item.kind is WorkKind.PURGE:
            raise Unavailable("away")

    kept = Kept()
    logging.getLogger().addHandler(kept)
    try:
        with correlated(request_id="r-1"):
            await queue.put_all([WorkItem(WorkKind.PURGE, "t", "1"), WorkItem(WorkKind.POLL, "t", "1")])
            queue.start(metered(handle, Numbers(), lambda: f"w-{next(numbers)}"))
        await queue.join()
    finally:
        logging.getLogger().removeHandler(kept)
    assert [(one["message"], one["work"], one["work_id"]) for one in said] == [
        ("at work on purge", "purge", "w-1"),
        ("purge of account 1 failed: away", "purge", "w-1"),
        ("at work on poll", "poll", "w-2"),
    ]
    assert not any("request_id" in one for one in said)


async def test_requests_are_errors_only_when_the_fault_is_ours() -> None:
    numbers, prometheus = Numbers(), PrometheusMeter()

    async def handle(request: web.Request) -> web.Response:
        match request.path:
            case "/broken":
                raise KeyError("x")
            case "/away":
                return web.Response(status=503)
            case "/raised":
                raise web.HTTPBadGateway
            case "/wrong":
                raise web.HTTPBadRequest
        return web.Response()

    app = web.Application(middlewares=[metered_requests(Meters([numbers, prometheus]), NO_TRACER, lambda: "r-1")])
    app.router.add_get("/{any}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        for path in ("/fine", "/wrong", "/raised", "/away", "/broken", "/healthz", "/readyz"):
            (await session.get(path)).close()
    await runner.cleanup()
    numbers.log.flush()
    assert (numbers.total("Operations"), numbers.total("Errors")) == (5, 3)
    labels = 'method="GET",route="/{any}",status="5xx"'
    assert f"dd0c_http_request_seconds_count{{{labels}}} 3.0" in prometheus.render().decode()


async def test_a_gauge_that_cannot_be_asked_is_left_out_and_the_rest_is_told() -> None:
    numbers = Numbers()

    async def away() -> int:
        raise Unavailable("away")

    async def dead() -> int:
        return 7

    async with told(numbers, {"Away": away, Metric.DEAD_LETTERS: dead}, seconds=0.01):
        async with asyncio.timeout(30):
            while len(numbers.lines) < 2:  # noqa: ASYNC110 - lines send no word
                await asyncio.sleep(0.01)
    assert json.loads(numbers.lines[0])["DeadLetters"] == [7]
    assert "Away" not in "".join(numbers.lines)


async def test_cloudwatch_is_told_only_when_that_is_wanted() -> None:
    settings = TelemetrySettings.model_construct(otlp_endpoint=None)
    assert build_telemetry(settings, emf=False).cloudwatch is None
    assert build_telemetry(settings, emf=True).cloudwatch is not None

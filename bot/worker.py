"""A process that works off the queue between processes, and does nothing else."""

import logging
from contextlib import AsyncExitStack
from types import TracebackType

from aiohttp import web

from bot.bootstrap import WorkerParts, build_worker
from bot.listening import listen, serve_at
from bot.metrics import build_gauges, told
from bot.settings import WorkerSettings
from bot.wiring.telemetry import build_telemetry, register_metrics
from bot.work_queue import look_at_queue
from handlers.web import health
from store.connect import Store, connect

_log = logging.getLogger(__name__)
_GRACE_SECONDS = 20.0


class Worker:
    """An async context manager: inside it the worker works; ``url`` says where it tells its health, if anywhere."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self.url = ""

    async def __aenter__(self) -> "Worker":
        """Start, or stop what was started and raise.

        Raises InvalidSetting for a taken port and a queue that is not there, UpstreamError when the database does not
        answer.
        """
        async with self._stack:
            await self._start()
            self._stack = self._stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take no more work, let what is in work finish for a while, give the rest back."""
        await self._stack.aclose()

    async def _start(self) -> None:
        settings = self._settings
        telemetry = build_telemetry(settings, emf=settings.emf)
        self._stack.push_async_callback(telemetry.close)
        uri = settings.mongodb_uri.get_secret_value()
        store = await connect(
            uri,
            settings.database,
            retention_days=settings.retention_days,
            audit_keys=settings.signing_keys(),
            told=telemetry.mongodb_commands(),
        )
        self._stack.callback(store.close)
        parts = build_worker(settings, store, telemetry)
        self._stack.push_async_callback(parts.operator.close)
        await look_at_queue(parts.operator)
        await self._stack.enter_async_context(told(telemetry.cloudwatch, build_gauges(settings, store, parts.operator)))
        parts.queue.start(parts.handle)
        self._stack.push_async_callback(parts.queue.stop, _GRACE_SECONDS)
        if settings.health_port is not None:
            self.url = await self._tell_health(settings.host, settings.health_port, store, parts)
        _log.info("working off %s", settings.work_queue_url)

    async def _tell_health(self, host: str, port: int, store: Store, parts: WorkerParts) -> str:
        async def ping() -> None:
            await store.ping()
            await parts.queue.ping()

        app = web.Application()
        health.register(app, ping)
        register_metrics(app, parts.telemetry, self._settings, parts.operator)
        listener = self._stack.enter_context(listen(host, port, "DD0C_HOST and DD0C_HEALTH_PORT"))
        return await serve_at(self._stack, app, listener)

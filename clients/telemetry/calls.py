"""Calls to Slack and commands to MongoDB, each as a span and a number."""

import re
import time
from types import SimpleNamespace
from typing import Protocol

import aiohttp

from clients.telemetry.tracing import Value
from engine.models.metrics import MONGODB_COMMANDS, SLACK_CALLS, Metric

_METHOD = re.compile(r"[a-z]+(?:\.[A-Za-z0-9]+){1,4}")
_REFUSED = re.compile(rb'"ok"\s*:\s*false')
_CODE = re.compile(rb'"error"\s*:\s*"([a-z_]{1,60})"')
_ELSEWHERE = "other"
_ERRORS, _TOO_MANY = 400, 429
_NANOSECONDS = 1_000_000_000


class _Tracer(Protocol):
    def note(self, name: str, began: int, attributes: dict[str, Value]) -> None: ...
    def now(self) -> int: ...
    def is_recording(self) -> bool: ...


class _Meter(Protocol):
    def note(self, metric: Metric, amount: float = 1.0, **labels: str) -> None: ...


class SlackCalls:
    """Watches an HTTP session. Only the method's name and Slack's error code are told, nothing that was sent."""

    def __init__(self, tracer: _Tracer, meter: _Meter, base_url: str) -> None:
        self._tracer = tracer
        self._meter = meter
        self._base_url = base_url

    def trace_config(self) -> aiohttp.TraceConfig:
        """Give what a session takes as one of its ``trace_configs``."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._begin)
        config.on_request_end.append(self._answered)
        config.on_response_chunk_received.append(self._read)
        config.on_request_exception.append(self._failed)
        return config

    async def _begin(
        self, _session: aiohttp.ClientSession, call: SimpleNamespace, started: aiohttp.TraceRequestStartParams
    ) -> None:
        call.began, call.method, call.status = self._tracer.now(), self._method(str(started.url)), 0
        call.monotonic = time.monotonic()

    async def _answered(
        self, _session: aiohttp.ClientSession, call: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        call.status = ended.response.status

    async def _read(
        self, _session: aiohttp.ClientSession, call: SimpleNamespace, got: aiohttp.TraceResponseChunkReceivedParams
    ) -> None:
        """The body is there: only now Slack has said whether it did what was asked."""
        code = _CODE.search(got.chunk) if _REFUSED.search(got.chunk[:4096]) else None
        if call.status == _TOO_MANY:
            self._tell(call, "rate_limited")
        elif code is not None or call.status >= _ERRORS:
            self._tell(call, "refused", code[1].decode() if code else "")
        else:
            self._tell(call, "ok")

    async def _failed(
        self, _session: aiohttp.ClientSession, call: SimpleNamespace, _params: aiohttp.TraceRequestExceptionParams
    ) -> None:
        self._tell(call, "unanswered")

    def _tell(self, call: SimpleNamespace, outcome: str, code: str = "") -> None:
        self._meter.note(SLACK_CALLS, time.monotonic() - call.monotonic, method=call.method, outcome=outcome)
        if self._tracer.is_recording():
            attributes: dict[str, Value] = {"slack.outcome": outcome, "http.response.status_code": call.status}
            if code:
                attributes["slack.error"] = code
            self._tracer.note(f"slack {call.method}", call.began, attributes)

    def _method(self, url: str) -> str:
        name = url.removeprefix(self._base_url).partition("?")[0]
        return name if url.startswith(self._base_url) and _METHOD.fullmatch(name) else _ELSEWHERE


class MongodbCommands:
    """Is told of each command when its answer is there; it tells the command's and the collection's name on."""

    def __init__(self, tracer: _Tracer, meter: _Meter) -> None:
        self._tracer = tracer
        self._meter = meter

    def __call__(self, command: str, collection: str, seconds: float, succeeded: bool) -> None:
        """Note one command. Outside of any span it is only counted, or every look at the outbox would be a trace."""
        outcome = "ok" if succeeded else "failed"
        self._meter.note(MONGODB_COMMANDS, seconds, command=command, outcome=outcome)
        if self._tracer.is_recording():
            began = self._tracer.now() - round(seconds * _NANOSECONDS)
            told: dict[str, Value] = {"db.system": "mongodb", "db.collection.name": collection, "db.outcome": outcome}
            self._tracer.note(f"mongodb {command}", began, told)

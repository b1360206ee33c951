"""From settings to a tracer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from clients.telemetry.export import close, export_here, export_to
from clients.telemetry.tracing import OtelTracer

Span = ReadableSpan
Close = Callable[[], Awaitable[None]]


def connect_tracer(
    endpoint: str,
    key: bytes,
    *,
    service_name: str,
    ratio: float,
    headers: Mapping[str, str],
    timeout_seconds: float,
) -> tuple[OtelTracer, Close]:
    """Give a tracer that exports to a collector, and what sends the rest and ends that."""
    provider = export_to(
        endpoint, service_name=service_name, ratio=ratio, headers=headers, timeout_seconds=timeout_seconds
    )

    async def end() -> None:
        await asyncio.to_thread(close, provider)

    return OtelTracer(provider, key), end


class RememberedSpans:
    """A tracer whose spans stay in this process, for looking at."""

    def __init__(self, key: bytes) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer = OtelTracer(export_here(self._exporter), key)

    def finished(self) -> tuple[Span, ...]:
        """Those that have ended so far."""
        return self._exporter.get_finished_spans()

"""Where spans go: over OTLP/HTTP in batches, or to whoever looks at them in this process."""

from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

_TRACES = "/v1/traces"
_FLUSH_MILLISECONDS = 5_000


def export_to(
    endpoint: str, *, service_name: str, ratio: float, headers: Mapping[str, str], timeout_seconds: float
) -> TracerProvider:
    """Give a provider that sends what is sampled to a collector, from a thread of its own.

    A trace is exported as a whole or not at all: whoever begins it decides, and that travels with it. What a collector
    that is away cannot take is dropped, after a bounded queue is full; the bot waits for nothing.
    """
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + _TRACES, headers=dict(headers), timeout=timeout_seconds)
    provider = _provider(service_name, ratio)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def export_here(exporter: SpanExporter, *, service_name: str = "dd0c", ratio: float = 1.0) -> TracerProvider:
    """Give a provider that hands over each span as it ends, without any network."""
    provider = _provider(service_name, ratio)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


def close(provider: TracerProvider) -> None:
    """Send what waits, for some seconds at most; this blocks."""
    provider.force_flush(_FLUSH_MILLISECONDS)
    provider.shutdown()


def _provider(service_name: str, ratio: float) -> TracerProvider:
    return TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(ratio)),
        resource=Resource({"service.name": service_name}),
        shutdown_on_exit=False,
    )

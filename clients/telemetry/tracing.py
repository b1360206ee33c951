"""Spans by OpenTelemetry."""

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, SpanContext, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Value = str | int | float | bool
_NOTHING: Mapping[str, Value] = {}
_W3C = TraceContextTextMapPropagator()
_HEADER = "traceparent"
_HASH_CHARACTERS = 16


class OtelTracer:
    """Opens spans of one provider. ``key`` is what accounts and actors are hashed with.

    The open span is a context variable, so it follows a task, what the task starts, and threads that are given its
    context, as the database driver's are.
    """

    def __init__(self, provider: TracerProvider, key: bytes) -> None:
        self._tracer = provider.get_tracer("dd0c")
        self._key = key

    @contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Value] = _NOTHING, *, parent: str = "", links: Sequence[str] = ()
    ) -> Iterator[None]:
        """Open a span for what is inside. An error that passes is named by its type: its text may name people."""
        with self._tracer.start_as_current_span(
            name,
            context=_context(parent),
            attributes=attributes,
            links=[Link(one) for one in map(_span_context, links) if one.is_valid],
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def note(self, name: str, began: int, attributes: Mapping[str, Value], *, ended: int | None = None) -> None:
        """Add a span that began at ``began``, in nanoseconds since 1970, and ended at ``ended``, or ends now."""
        self._tracer.start_span(name, attributes=attributes, start_time=began).end(ended)

    def now(self) -> int:
        """Nanoseconds since 1970."""
        return time.time_ns()

    def is_recording(self) -> bool:
        """Whether a span is open here that will be exported."""
        return trace.get_current_span().is_recording()

    def traceparent(self) -> str:
        """The open span in W3C's notation; empty where none is."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get(_HEADER, "")

    def keyed(self, text: str) -> str:
        """Give 64 bits of a keyed hash, in hexadecimal digits."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:_HASH_CHARACTERS]


def current_trace_id() -> str:
    """The trace that is open here, in 32 hexadecimal digits; empty where none is."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


def _context(parent: str) -> Context | None:
    """The context in which ``parent`` is open; None leaves the one that is, also where ``parent`` is unreadable."""
    if not parent or not _span_context(parent).is_valid:
        return None
    return _W3C.extract({_HEADER: parent})


def _span_context(traceparent: str) -> SpanContext:
    return trace.get_current_span(_W3C.extract({_HEADER: traceparent}, context=Context())).get_span_context()

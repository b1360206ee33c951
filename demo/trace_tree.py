"""One trace as a tree in the console: what happened within what, when it began, and how long it took."""

from collections.abc import Iterable, Iterator, Sequence

from clients.telemetry.connect import Span

_NAME_WIDTH = 44
_NANOSECONDS_PER_MS = 1_000_000
_MOST_ALIKE = 3
_SHOWN = (
    "db.collection.name",
    "cost.service",
    "cost.anomaly_score",
    "cost.hourly_rate",
    "cost.alert_triggered",
    "cloud.region",
)


def trace_of_a_card(spans: Sequence[Span]) -> list[Span]:
    """The spans of the first trace that leads from scoring to a posted card; empty while there is none."""
    scored = {_trace(span) for span in spans if span.name == "anomaly_scoring"}
    for span in spans:
        if span.name == "slack chat.postMessage" and _trace(span) in scored:
            return [one for one in spans if _trace(one) == _trace(span)]
    return []


def is_whole(spans: Sequence[Span]) -> bool:
    """Whether all that a span of this trace happened within has ended too, for an open span is not among them."""
    ids = {_id(span) for span in spans}
    return any(not _parent(span) for span in spans) and all(_parent(span) in ids for span in spans if _parent(span))


def draw(spans: Sequence[Span]) -> Iterator[str]:
    """Give a line for each span, its children below it in the order in which they began."""
    if not spans:
        return
    ids = {_id(span) for span in spans}
    start = min(_start(span) for span in spans)
    yield f"trace {_trace(spans[0]):032x}"
    for root in _in_order(span for span in spans if _parent(span) not in ids):
        yield from _drawn(root, spans, start, 0)


def _drawn(span: Span, spans: Sequence[Span], start: int, depth: int) -> Iterator[str]:
    yield _line(span, start, depth)
    alike: dict[str, int] = {}
    for child in _in_order(one for one in spans if _parent(one) == _id(span)):
        alike[child.name] = alike.get(child.name, 0) + 1
        if alike[child.name] <= _MOST_ALIKE:
            yield from _drawn(child, spans, start, depth + 1)
    for name, count in alike.items():
        if count > _MOST_ALIKE:
            yield f"{'  ' * (depth + 1)}... and {count - _MOST_ALIKE} more of {name}"


def _line(span: Span, start: int, depth: int) -> str:
    name = "  " * depth + span.name
    began = (_start(span) - start) / _NANOSECONDS_PER_MS
    took = ((span.end_time or _start(span)) - _start(span)) / _NANOSECONDS_PER_MS
    told = span.attributes or {}
    notes = ", ".join(f"{key.rpartition('.')[2]}={_short(told[key])}" for key in _SHOWN if key in told)
    return f"{name:<{_NAME_WIDTH}} at {began:9.1f} ms  took {took:8.1f} ms  {notes}".rstrip()


def _short(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _in_order(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=_start)


def _start(span: Span) -> int:
    return span.start_time or 0


def _trace(span: Span) -> int:
    return span.context.trace_id if span.context else 0


def _id(span: Span) -> int:
    return span.context.span_id if span.context else 0


def _parent(span: Span) -> int:
    return span.parent.span_id if span.parent else 0

"""What lets the bot be watched at work: spans of traces, and numbers."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from engine.models.metrics import Metric

Value = str | int | float | bool
_NOTHING: Mapping[str, Value] = {}


class Tracer(Protocol):
    """Spans. No attribute holds personal data: accounts and actors go through ``keyed`` first."""

    def span(
        self, name: str, attributes: Mapping[str, Value] = _NOTHING, *, parent: str = "", links: Sequence[str] = ()
    ) -> AbstractContextManager[None]:
        """Everything inside belongs to this span.

        Its parent is the one that ``parent`` names, as ``traceparent`` gave it, else the one that is open here. An
        error that passes through marks it with the error's type, and never with its text.
        """
        ...

    def note(self, name: str, began: int, attributes: Mapping[str, Value], *, ended: int | None = None) -> None:
        """Add a span to the one that is open; ``began`` and ``ended`` are what ``now`` gave then, None ends it now."""
        ...

    def now(self) -> int:
        """Nanoseconds since 1970."""
        ...

    def is_recording(self) -> bool:
        """Whether a span is open here that will be exported; if not, nothing needs to be worked out for one."""
        ...

    def traceparent(self) -> str:
        """The open span in W3C's notation, for who goes on elsewhere or later; empty where none is open."""
        ...

    def keyed(self, text: str) -> str:
        """A short keyed hash: the same for the same text, and of no use to who does not have the key."""
        ...


class Meter(Protocol):
    """Numbers. Every metric is counted at one place."""

    def note(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter, set a gauge, or put seconds into a histogram."""
        ...

"""Nobody watches: spans and numbers that go nowhere and cost next to nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from engine.models.metrics import Metric
from services.ports.watching import Value

_NOTHING: Mapping[str, Value] = {}


class NoTracer:
    """Opens no spans."""

    @contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Value] = _NOTHING, *, parent: str = "", links: Sequence[str] = ()
    ) -> Iterator[None]:
        """Let what is inside happen."""
        del name, attributes, parent, links
        yield

    def note(self, name: str, began: int, attributes: Mapping[str, Value], *, ended: int | None = None) -> None:
        """Forget it."""

    def now(self) -> int:
        """No time: nothing is recorded."""
        return 0

    def is_recording(self) -> bool:
        """Nothing ever is."""
        return False

    def traceparent(self) -> str:
        """None is open."""
        return ""

    def keyed(self, text: str) -> str:
        """Without a key there is nothing to tell."""
        del text
        return ""


class NoMeter:
    """Counts nothing."""

    def note(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Forget it."""


NO_TRACER = NoTracer()
NO_METER = NoMeter()

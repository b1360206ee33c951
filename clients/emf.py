"""CloudWatch's embedded metric format: numbers as lines of the log, from which CloudWatch makes metrics by itself."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

NAMESPACE = "dd0c/cost"
_DIMENSIONS = {"Service": "dd0c-cost"}
_MOST_VALUES = 100  # So many of one metric may stand in one line.
_MOST_KEPT = 10_000


class EmfLog:
    """Gathers numbers and writes them as a line when told to.

    ``counts`` are written even when they are 0, so that an alarm can tell silence from nothing having happened.
    """

    def __init__(self, *, counts: Sequence[str], clock: Callable[[], datetime], write: Callable[[str], None]) -> None:
        self._counts = dict.fromkeys(counts, 0)
        self._values: dict[str, list[float]] = {}
        self._clock = clock
        self._write = write

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count."""
        self._counts[name] = self._counts.get(name, 0) + number

    def observe(self, name: str, value: float) -> None:
        """Note one of many values; beyond ten thousand between two lines the rest is left out."""
        values = self._values.setdefault(name, [])
        if len(values) < _MOST_KEPT:
            values.append(round(value, 3))

    def flush(self) -> None:
        """Write what was gathered since the last time: all counts, and values in as many lines as they need."""
        counts, values = self._counts, self._values
        self._counts, self._values = dict.fromkeys(counts, 0), {}
        self._line({**counts, **{name: some[:_MOST_VALUES] for name, some in values.items()}})
        for name, some in values.items():
            for start in range(_MOST_VALUES, len(some), _MOST_VALUES):
                self._line({name: some[start : start + _MOST_VALUES]})

    def _line(self, numbers: Mapping[str, int | list[float]]) -> None:
        metrics = [{"Name": name, "Unit": _unit(name)} for name in numbers]
        directive = {"Namespace": NAMESPACE, "Dimensions": [list(_DIMENSIONS)], "Metrics": metrics}
        about = {"Timestamp": round(self._clock().timestamp() * 1000), "CloudWatchMetrics": [directive]}
        self._write(json.dumps({"_aws": about, **_DIMENSIONS, **numbers}, separators=(",", ":")))


def _unit(name: str) -> str:
    return "Seconds" if name.endswith("Seconds") else "Count"

"""CloudWatch's embedded metric format, read back as CloudWatch reads it."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clients.emf import NAMESPACE, EmfLog

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def log() -> tuple[EmfLog, list[str]]:
    lines: list[str] = []
    return EmfLog(counts=["Operations", "Errors"], clock=lambda: NOW, write=lines.append), lines


def metrics_in(line: str) -> dict[str, Any]:
    """What CloudWatch takes from a line; fails where the format is broken."""
    document = json.loads(line)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert document["_aws"]["Timestamp"] == int(NOW.timestamp() * 1000)
    assert directive["Namespace"] == NAMESPACE
    assert all(isinstance(document[name], str) for names in directive["Dimensions"] for name in names)
    assert len(directive["Metrics"]) <= 100
    assert "\n" not in line
    found = {one["Name"]: document[one["Name"]] for one in directive["Metrics"]}
    assert all(len(values) <= 100 for values in found.values() if isinstance(values, list))
    return found


def test_counts_are_told_even_when_nothing_happened_and_begin_anew() -> None:
    emf, lines = log()
    emf.count("Operations", 2)
    emf.count("Errors")
    emf.flush()
    emf.flush()
    assert [metrics_in(line) for line in lines] == [{"Operations": 2, "Errors": 1}, {"Operations": 0, "Errors": 0}]


@given(st.lists(st.floats(min_value=0, max_value=1e7), max_size=350))
def test_no_value_is_lost_however_many_there_are(values: list[float]) -> None:
    emf, lines = log()
    for value in values:
        emf.observe("LagSeconds", value)
    emf.flush()
    told = [one for line in lines for one in metrics_in(line).get("LagSeconds", [])]
    assert told == [round(value, 3) for value in values]
    assert len(lines) == max(1, -(-len(values) // 100))


def test_units_are_told() -> None:
    emf, lines = log()
    emf.observe("LagSeconds", 1.0)
    emf.flush()
    (directive,) = json.loads(lines[0])["_aws"]["CloudWatchMetrics"]
    assert {one["Name"]: one["Unit"] for one in directive["Metrics"]} == {
        "Operations": "Count",
        "Errors": "Count",
        "LagSeconds": "Seconds",
    }

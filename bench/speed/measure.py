"""Speed: every way takes its turn in every round, so that whatever else the machine does hits all of them alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

import msgspec

from bench.speed.ways import LIMIT


class Row(msgspec.Struct, frozen=True):
    """One way: medians over the rounds. ``of_limit`` and ``of_orjson`` are ratios of speed within a round."""

    way: str
    records_per_second: float
    microseconds_per_record: float
    of_limit: float
    of_orjson: float


def measure(ways: Mapping[str, Callable[[], None]], records: int, rounds: int) -> list[Row]:
    """Measure CPU seconds of this process, which take no notice of waiting for others; the first round warms up."""
    times = [{name: _cpu_seconds(way) for name, way in ways.items()} for _ in range(rounds + 1)][1:]
    return [_row(name, times, records) for name in ways]


def _row(name: str, times: Sequence[Mapping[str, float]], records: int) -> Row:
    seconds = median(one[name] for one in times)
    return Row(
        way=name,
        records_per_second=records / seconds,
        microseconds_per_record=seconds / records * 1e6,
        of_limit=median(one[LIMIT] / one[name] for one in times),
        of_orjson=median(one["orjson"] / one[name] for one in times),
    )


def _cpu_seconds(way: Callable[[], None]) -> float:
    started = time.process_time()
    way()
    return time.process_time() - started

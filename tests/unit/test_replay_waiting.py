"""What waits goes in the order of its time, and batches of any size tell second copies apart alike."""

import heapq
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.cloudtrail.split import read_records
from services.replay import Replay
from services.replay_lines import Summary
from services.replay_waiting import WaitingLine
from tests.unit.test_replay import FlatPrices, launch, record

START = datetime(2026, 1, 5, tzinfo=UTC)
TIMES = st.lists(st.integers(0, 20), max_size=60)


@given(TIMES, st.integers(1, 15))
def test_the_earliest_goes_when_there_is_no_more_room(times: list[int], room: int) -> None:
    line, heap = WaitingLine[int](room), list[tuple[int, int]]()
    given_away, expected = list[int | None](), list[int | None]()
    for number, time in enumerate(times):
        given_away.append(line.push(START + timedelta(seconds=time), number))
        heapq.heappush(heap, (time, number))
        expected.append(heapq.heappop(heap)[1] if len(heap) > room else None)
    assert given_away == expected
    assert list(line.drain()) == [number for _, number in sorted(heap)]


KINDS = st.tuples(st.sampled_from(("launch", "silent", "nameless")), st.integers(0, 12))


@given(st.lists(KINDS, max_size=30), st.integers(1, 30))
def test_copies_are_told_apart_whatever_the_batches(made: list[tuple[str, int]], size: int) -> None:
    lines = [json.dumps(_made(*one)).encode() + b"\n" for one in made]
    at_once = _summary([b"".join(lines[start : start + size]) for start in range(0, len(lines), size)])
    assert at_once == _summary(lines)
    assert at_once.duplicates == sum(name != "nameless" for name, _ in made) - len(
        {number for name, number in made if name != "nameless"}
    )


def _made(name: str, number: int) -> dict[str, Any]:
    """Any id may name a launch and something silent, in any order."""
    at = timedelta(minutes=number)
    if name == "launch":
        return {**launch(number, at), "eventID": str(number)}
    return record("" if name == "nameless" else str(number), "DescribeInstances", at, [])


def _summary(pieces: list[bytes]) -> Summary:
    replay = Replay(FlatPrices())
    for piece in pieces:
        for found in read_records([piece]):
            replay.read(found)
    for _ in replay.finish():
        pass
    return replay.summary

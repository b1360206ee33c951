"""What is read when: nothing is missed that comes up to ninety minutes late, and no turn is longer than it may be."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.models.account import RegionCursor, Rescan
from services.poll_windows import (
    LIVE_PAGES,
    RESCAN_PAGES,
    Reach,
    Window,
    after_live,
    after_rescan,
    has_more,
    live_window,
    rescan_of,
    rescan_window,
)
from tests.services.world import HOUR, MINUTE, REGION, SECOND

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = 50


def cursor(read: float, rescanned: float, **more: object) -> RegionCursor:
    """A cursor with these minutes behind now."""
    made = RegionCursor(region=REGION, read_until=NOW - read * MINUTE, rescanned_at=NOW - rescanned * MINUTE)
    return msgspec.structs.replace(made, **more)


def minutes(*times: datetime) -> tuple[float, ...]:
    """Minutes before now."""
    return tuple((NOW - at) / MINUTE for at in times)


@pytest.mark.parametrize(
    ("read", "start", "end"),
    [
        (1, 16, 0),  # the usual poll: a minute, and fifteen of overlap
        (45, 60, 0),  # a little behind: still one slice
        (300, 315, 240),  # far behind: one hour forward
        (-20, 15, 0),  # our clock was set back by twenty minutes
    ],
)
def test_what_is_new(read: float, start: float, end: float) -> None:
    window = live_window(cursor(read, 1), NOW)
    assert minutes(window.start, window.end) == (start, end)


@pytest.mark.parametrize(("after", "overlap"), [(0, 15), (5, 10), (15, 0), (500, 0)])
def test_what_was_read_long_after_it_happened_is_not_read_again(after: float, overlap: float) -> None:
    behind = cursor(600, 600)
    seen = msgspec.structs.replace(behind, last_success_at=behind.read_until + after * MINUTE)
    assert minutes(live_window(seen, NOW).start) == (600 + overlap,)


@pytest.mark.parametrize(
    ("read", "rescanned", "began", "start", "until"),
    [
        (1, 30, 0, 120, 16),  # due: from ninety minutes before the last one, down from what is new
        (300, 310, 150, 400, 315),  # far behind: what is read now needs no rescan before it is ninety minutes old
    ],
)
def test_a_rescan_begins(read: float, rescanned: float, began: float, start: float, until: float) -> None:
    one = cursor(read, rescanned)
    live = live_window(one, NOW)
    rescan = rescan_of(one, live, Reach(1, live.start), NOW)
    assert rescan is not None
    window = rescan_window(one, rescan)
    assert window is not None
    assert minutes(rescan.began, window.start, window.end) == (began, start, until)


@pytest.mark.parametrize(("down_to", "until"), [(4, 4), (0.5, 1)])
def test_a_rescan_begins_where_the_overlap_did_not_reach(down_to: float, until: float) -> None:
    one = cursor(1, 30)
    rescan = rescan_of(one, live_window(one, NOW), Reach(LIVE_PAGES, NOW - down_to * MINUTE), NOW)
    assert rescan is not None
    assert minutes(rescan.until) == (until,)


def test_no_rescan_before_half_an_hour_is_over_and_none_of_what_needs_none() -> None:
    early = cursor(1, 29)
    assert rescan_of(early, live_window(early, NOW), Reach(1, NOW), NOW) is None
    catching_up = cursor(240, 150, last_success_at=NOW)
    live = live_window(catching_up, NOW)
    rescan = rescan_of(catching_up, live, Reach(1, live.start), NOW)
    assert rescan is not None
    assert rescan_window(catching_up, rescan) is None
    assert minutes(after_rescan(catching_up, rescan, None, None).rescanned_at) == (90,)


def test_a_slice_that_is_too_much_shrinks_by_its_density_and_does_not_move_the_cursor() -> None:
    dense = cursor(600, 600)
    window = live_window(dense, NOW)
    shrunk = after_live(dense, window, Reach(LIVE_PAGES, window.end - 4 * MINUTE))
    assert (shrunk.read_until, shrunk.slice_seconds) == (dense.read_until, 120.0)
    assert has_more(shrunk, NOW)
    again = live_window(shrunk, NOW)
    assert again.end - shrunk.read_until == 2 * MINUTE


def test_a_slice_grows_where_records_are_sparse_up_to_an_hour() -> None:
    moved = cursor(6000, 6000, slice_seconds=900.0)
    lengths = []
    for _ in range(4):
        window = live_window(moved, NOW)
        moved = after_live(moved, window, Reach(1, window.start))
        lengths.append(moved.slice_seconds)
    assert lengths == [1800.0, 3600.0, 3600.0, 3600.0]


def test_the_shortest_slice_is_read_whole() -> None:
    """A thousand records in one second would else never be got past."""
    assert live_window(cursor(600, 1, slice_seconds=1.0), NOW).pages is None


def test_overlap_that_does_not_fit_is_left_to_the_rescan() -> None:
    busy = cursor(1, 1)
    window = live_window(busy, NOW)
    moved = after_live(busy, window, Reach(LIVE_PAGES, NOW - 5 * MINUTE))
    assert moved.read_until == NOW


def test_a_rescan_goes_on_where_it_stopped_even_within_one_second() -> None:
    one = cursor(1, 40)
    rescan = Rescan(began=NOW - 10 * MINUTE, until=NOW - 30 * MINUTE)
    window = rescan_window(one, rescan)
    assert window is not None
    assert window.pages == RESCAN_PAGES
    further = after_rescan(one, rescan, window, Reach(RESCAN_PAGES, NOW - 50 * MINUTE))
    assert further.rescan == Rescan(began=rescan.began, until=NOW - 50 * MINUTE)
    assert has_more(further, NOW)
    stuck = after_rescan(one, rescan, window, Reach(RESCAN_PAGES, window.end + SECOND))
    assert stuck.rescan == Rescan(began=rescan.began, until=window.end - SECOND)
    done = after_rescan(one, rescan, window, Reach(3, window.start))
    assert (done.rescan, done.rescanned_at) == (None, rescan.began)


class Region:
    """A Region with records at an even pace, read as the poller reads it; time runs in minutes from ``NOW`` on."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.cursor = cursor(0, 0)
        self.read: list[tuple[datetime, datetime, datetime]] = []

    def turn(self, at: datetime) -> None:
        live = live_window(self.cursor, at)
        reach = self._read(live, at)
        rescan = rescan_of(self.cursor, live, reach, at)
        again = rescan_window(self.cursor, rescan) if rescan else None
        moved = after_live(self.cursor, live, reach)
        if reach.down_to > self.cursor.read_until:
            self.read.pop()
        moved = after_rescan(moved, rescan, again, self._read(again, at) if again else None)
        self.cursor = msgspec.structs.replace(moved, last_success_at=at)

    def _read(self, window: Window, at: datetime) -> Reach:
        assert window.end <= at
        pages = int((window.end - window.start).total_seconds() * self.per_second / PAGE) + 1
        if window.pages is not None and pages > window.pages:
            held = timedelta(seconds=window.pages * PAGE / self.per_second)
            down_to = window.end - held + SECOND
            self.read.append((down_to, window.end, at))
            return Reach(window.pages, down_to)
        self.read.append((window.start, window.end, at))
        return Reach(pages, window.start)

    def found(self, event_time: datetime, visible: datetime) -> bool:
        return any(start <= event_time <= end and visible <= at for start, end, at in self.read)


@given(
    pauses=st.lists(st.floats(0.1, 600.0), min_size=1, max_size=8),
    happened=st.floats(0.0, 300.0),
    lag=st.floats(0.0, 90.0),
    per_second=st.sampled_from([0.001, 0.1, 1.0, 2.0]),
)
def test_whatever_arrives_up_to_ninety_minutes_late_is_read(
    pauses: list[float], happened: float, lag: float, per_second: float
) -> None:
    """However irregular the polls are and however dense the records."""
    at, region = NOW, Region(per_second)
    for pause in [*pauses, *[29.0] * 14]:
        at += pause * MINUTE
        region.turn(at)
        turns = 0
        while has_more(region.cursor, at) and turns < 2000:
            region.turn(at)
            turns += 1
    late = NOW + (happened + lag) * MINUTE
    assert region.found(NOW + happened * MINUTE, late)
    assert at - region.cursor.read_until < HOUR

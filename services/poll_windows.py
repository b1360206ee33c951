"""What one poll reads of a Region, and how its cursor moves by it. Pure: time is handed in."""

from datetime import datetime, timedelta

import msgspec

from engine.models.account import RegionCursor, Rescan

OVERLAP = timedelta(minutes=15)
RESCAN_EVERY = timedelta(minutes=30)
SAVED_EVERY = timedelta(minutes=5)
RESCAN_SPAN = timedelta(minutes=90)
# At two pages a second a Region has its turn for half a minute at most; then other accounts come first.
LIVE_PAGES = 40
RESCAN_PAGES = 20
LONGEST_SLICE = timedelta(hours=1)
SHORTEST_SLICE = timedelta(seconds=1)
_SECOND = timedelta(seconds=1)


class Window(msgspec.Struct, frozen=True):
    """A frozen stretch of time to be read newest first, in at most so many pages (None: however many there are)."""

    start: datetime
    end: datetime
    pages: int | None


class Reach(msgspec.Struct, frozen=True):
    """How much of a window was read: pages, and the time down to which nothing is missing."""

    pages: int
    down_to: datetime


def live_window(cursor: RegionCursor, now: datetime) -> Window:
    """Choose what is new, with an overlap, because the history lags by minutes.

    A Region that fell behind catches up in slices, as long as what they hold was last found to fit into a turn. What
    was read long after it happened needs no overlap. A slice that cannot be shorter is read whatever it holds.
    """
    read_until = min(cursor.read_until, now)
    seen_after = max(timedelta(0), (cursor.last_success_at or cursor.read_until) - cursor.read_until)
    start = read_until - max(timedelta(0), OVERLAP - seen_after)
    end = min(now, cursor.read_until + _slice(cursor))
    return Window(start, end, LIVE_PAGES if _slice(cursor) > SHORTEST_SLICE else None)


def rescan_of(cursor: RegionCursor, live: Window, reach: Reach, now: datetime) -> Rescan | None:
    """Give the rescan that is under way, or begins now.

    Some records arrive more than an hour late. So every half hour all from ninety minutes before the last rescan on is
    read again: what arrives up to ninety minutes late is found, however long a Region could not be read. What was
    read that long after it happened is not read again. It goes down from where the reading of what is new ended.
    """
    if cursor.rescan is not None:
        return cursor.rescan
    if now - cursor.rescanned_at < RESCAN_EVERY:
        return None
    return Rescan(began=min(now, live.end + RESCAN_SPAN), until=min(reach.down_to, cursor.read_until))


def rescan_window(cursor: RegionCursor, rescan: Rescan) -> Window | None:
    """Give what is left to be read again, or None when nothing is."""
    start = cursor.rescanned_at - RESCAN_SPAN
    return Window(start, rescan.until, RESCAN_PAGES) if start < rescan.until else None


def after_live(cursor: RegionCursor, window: Window, reach: Reach) -> RegionCursor:
    """Move the cursor to the window's end if all that is new was read; else the next slice is shorter.

    Slices shrink by how dense the records are, and grow again where they are sparse. A part of the overlap that did not
    fit is left to the rescan.
    """
    if reach.down_to > cursor.read_until:
        return msgspec.structs.replace(cursor, slice_seconds=_seconds((window.end - reach.down_to) / 2))
    grown = _slice(cursor) * 2 if reach.pages <= LIVE_PAGES // 4 else _slice(cursor)
    read_until = max(window.end, cursor.read_until)
    return msgspec.structs.replace(cursor, read_until=read_until, slice_seconds=_seconds(grown))


def after_rescan(
    cursor: RegionCursor, rescan: Rescan | None, window: Window | None, reach: Reach | None
) -> RegionCursor:
    """Note how far down the rescan has come, or that it is complete; it goes on in the next poll."""
    if rescan is None:
        return cursor
    if window is None or reach is None or reach.down_to <= window.start:
        return msgspec.structs.replace(cursor, rescanned_at=rescan.began, rescan=None)
    # Records tell whole seconds, so a page may end within one; however many it holds, the next turn gets past it.
    until = min(reach.down_to, window.end - _SECOND)
    return msgspec.structs.replace(cursor, rescan=msgspec.structs.replace(rescan, until=until))


def has_more(cursor: RegionCursor, now: datetime) -> bool:
    """Whether another turn would find something to read at once; ``now`` is when this one began."""
    return cursor.rescan is not None or cursor.read_until < now


def worth_saving(before: RegionCursor, after: RegionCursor) -> bool:
    """Whether a cursor that read all there was must be stored, or only says that nothing new was there.

    One that is not stored is older at the next poll, whose window then begins that much earlier and ends just as late.
    So nothing is lost, with or without a crash; what is read again is known. Five minutes more than the overlap are
    no page more where a Region is quiet, and spare four writes of five.
    """
    if before.last_success_at is None:
        return True
    moved = msgspec.structs.replace(before, read_until=after.read_until, last_success_at=after.last_success_at)
    return moved != after or after.read_until - before.read_until >= SAVED_EVERY


def _slice(cursor: RegionCursor) -> timedelta:
    return timedelta(seconds=cursor.slice_seconds)


def _seconds(wanted: timedelta) -> float:
    return min(max(wanted, SHORTEST_SLICE), LONGEST_SLICE).total_seconds()

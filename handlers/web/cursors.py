"""Where the next page of a list begins, as text in an address."""

from datetime import UTC, datetime, timedelta

from engine.models.search import Position

_TIME_DIGITS = 11  # Milliseconds since 1970 in hexadecimal, good until the year 2527.
CURSOR = rf"^[0-9a-f]{{{_TIME_DIGITS}}}(?:[2-7][0-9a-f]){{1,128}}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def write_cursor(position: Position) -> str:
    """Write a position so that the pattern ``CURSOR`` alone says whether it is one.

    >>> read_cursor(write_cursor(Position(_EPOCH + timedelta(days=20_000), "a-1"))).anomaly_id
    'a-1'
    """
    milliseconds = max(0, (position.last_event_time - _EPOCH) // _MILLISECOND)
    return f"{milliseconds:0{_TIME_DIGITS}x}{position.anomaly_id.encode().hex()}"


def read_cursor(cursor: str) -> Position:
    """Read one that fits the pattern."""
    at = _EPOCH + int(cursor[:_TIME_DIGITS], 16) * _MILLISECOND
    return Position(at, bytes.fromhex(cursor[_TIME_DIGITS:]).decode("ascii"))

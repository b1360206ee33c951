"""The little of a raw record that names and dates it."""

from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from engine.errors import UNREADABLE


class _Named(msgspec.Struct):
    event_id: str = msgspec.field(name="eventID", default="")
    time: datetime | None = msgspec.field(name="eventTime", default=None)


_decoder = msgspec.json.Decoder(_Named)
_DIGEST = 16


class Peek(msgspec.Struct, frozen=True):
    """What tells a raw record from others, and its time in UTC, None when it has none that can be read."""

    key: str
    time: datetime | None


def peek(raw: bytes) -> Peek:
    """Read only the id and time of a raw record; one without an id is told from others by its content.

    >>> peek(b'{"eventID": "e-1", "eventTime": "2026-01-05T10:00:00Z"}')
    Peek(key='e-1', time=datetime.datetime(2026, 1, 5, 10, 0, tzinfo=datetime.timezone.utc))
    >>> peek(b"what?").time is None
    True
    """
    try:
        named = _decoder.decode(raw)
    except UNREADABLE:
        named = _Named()
    return Peek(named.event_id or blake2b(raw, digest_size=_DIGEST).hexdigest(), _utc(named.time))


def _utc(time: datetime | None) -> datetime | None:
    """A time without a zone is UTC, which CloudTrail always means; one that overflows in UTC is no time."""
    if time is None or time.tzinfo is None:
        return time and time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return None

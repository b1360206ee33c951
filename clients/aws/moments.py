"""Moments in AWS's answers. Each has a zone afterwards, so that none can be compared with another in vain."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp

# At the ends of the calendar nothing can be added or taken away.
_FIRST_YEAR, _LAST_YEAR = 2, 9998
_REMEMBERED = 4096


def parse_moment(value: Any) -> datetime:
    """Read a moment as AWS writes it: seconds, ISO 8601 or as in mails. Without a zone it is in UTC.

    Raises ValueError for what is no moment, and for one that no calendar holds.

    >>> parse_moment("2026-01-05T10:00:00").isoformat(), parse_moment(1767607200).astimezone(UTC).isoformat()
    ('2026-01-05T10:00:00+00:00', '2026-01-05T10:00:00+00:00')
    """
    try:
        moment = parse_timestamp(value)
    except (AttributeError, OverflowError, RuntimeError) as error:
        raise ValueError("that is no moment") from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("no calendar holds that moment")
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def read_moment(value: Any) -> datetime:
    """The same for the SDK, whose own error for an answer that cannot be read it raises.

    CloudWatch tells the same few days for each of thousands of metrics, so a text is read once.
    """
    try:
        return _read_text(value) if isinstance(value, str) else parse_moment(value)
    except ValueError as error:
        raise ResponseParserError(f"A moment in the answer cannot be read: {error}.") from error


_read_text = lru_cache(_REMEMBERED)(parse_moment)

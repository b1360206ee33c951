"""Moments to come as people name them: a weekday, a date, a span from now."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from engine.command_line.nearest import did_you_mean
from engine.command_line.values import parse_span
from engine.command_line.words import shown
from engine.errors import InvalidCommand

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_WORDS = ("today", "tomorrow", "tonight", *_WEEKDAYS)
_LEAST_LETTERS = 3
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_SPAN_LIKE = re.compile(r"\d+[a-z]", re.IGNORECASE)
_DAY = timedelta(days=1)
_HOW = "Write a weekday (`Fri`), a date (`2026-11-27`), a time (`18:00`) behind either, or a span (`3d`)."


def parse_time(word: str) -> time:
    """Read a time of day, ``09:00``. Raises InvalidCommand.

    >>> parse_time("9:30")
    datetime.time(9, 30)
    """
    found = _TIME.fullmatch(word)
    hour, minute = (int(found[1]), int(found[2])) if found else (-1, -1)
    try:
        return time(hour, minute)
    except ValueError:
        raise InvalidCommand(f"{shown(word)} is no time of day. Write it like `09:00` or `17:30`.") from None


def parse_weekday(word: str) -> int:
    """Read a weekday, 0 for Monday, from three letters on. Raises InvalidCommand.

    >>> parse_weekday("Fri"), parse_weekday("sunday")
    (4, 6)
    """
    lower = word.lower()
    for number, name in enumerate(_WEEKDAYS):
        if len(lower) >= _LEAST_LETTERS and name.startswith(lower):
            return number
    raise InvalidCommand(f"{shown(word)} is no weekday.{did_you_mean(word, _WEEKDAYS)}")


def parse_until(words: Sequence[str], now: datetime, zone: tzinfo) -> datetime:
    """Read a moment to come, in ``zone``: a day alone lasts to its end. Raises InvalidCommand for anything in the past.

    A weekday is the next one, today included: what is declared should rather end too early than too late.

    >>> from datetime import UTC
    >>> parse_until(["Fri"], datetime(2026, 11, 23, 12, tzinfo=UTC), UTC)
    datetime.datetime(2026, 11, 28, 0, 0, tzinfo=datetime.timezone.utc)
    >>> parse_until(["Fri", "18:00"], datetime(2026, 11, 23, 12, tzinfo=UTC), UTC).hour
    18
    """
    if not words:
        raise InvalidCommand(f"Until when? {_HOW}")
    try:
        moment = _moment(words, now, zone)
    except OverflowError:
        raise InvalidCommand(f"{shown(' '.join(words))} is too far away. {_HOW}") from None
    if moment <= now:
        raise InvalidCommand(f"{shown(' '.join(words))} is over already. {_HOW}")
    return moment


def _moment(words: Sequence[str], now: datetime, zone: tzinfo) -> datetime:
    first, *rest = words
    if not rest and _SPAN_LIKE.match(first):
        return now + parse_span(first)
    today = now.astimezone(zone).date()
    if not rest and ":" in first:
        return datetime.combine(today, parse_time(first), zone)
    if len(rest) > 1:
        raise InvalidCommand(f"{shown(' '.join(words))} is no moment. {_HOW}")
    day = _day(first, today)
    if rest:
        return datetime.combine(day, parse_time(rest[0]), zone)
    return datetime.combine(day + _DAY, time(), zone)


def _day(word: str, today: date) -> date:
    found, lower = _DATE.fullmatch(word), word.lower()
    if found:
        return _date(word, *(int(part) for part in found.groups()))
    if lower in {"today", "tonight"}:
        return today
    if lower == "tomorrow":
        return today + _DAY
    try:
        weekday = parse_weekday(word)
    except InvalidCommand:
        raise InvalidCommand(f"{shown(word)} is no day.{did_you_mean(word, _DAY_WORDS)} {_HOW}") from None
    return today + timedelta(days=(weekday - today.weekday()) % len(_WEEKDAYS))


def _date(word: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise InvalidCommand(f"{shown(word)} is no date. {_HOW}") from None

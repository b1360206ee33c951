"""Spans of time and sums of money as people type them."""

import re
from datetime import timedelta

from engine.command_line.words import shown
from engine.errors import InvalidCommand

_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_LONGEST = timedelta(days=400)
_PART = r"(\d{1,6})(min|[mhdw])"
_SPAN = re.compile(rf"(?:{_PART})+", re.ASCII | re.IGNORECASE)
_MONEY = re.compile(
    r"(?:usd)?\$?(?P<amount>\d{1,9}(?:,\d{3}){0,3}(?:\.\d{1,6})?)(?P<thousand>k?)(?:usd)?"
    r"(?:(?:/|per)(?P<unit>h|hr|hour|d|day))?",
    re.ASCII | re.IGNORECASE,
)
_MOST_DIGITS = 4
_HOURS = {"h": 1, "hr": 1, "hour": 1, "d": 24, "day": 24}


def parse_span(word: str) -> timedelta:
    """Read minutes, hours, days and weeks: ``90m``, ``4h``, ``7d``, ``1w2d``. Raises InvalidCommand.

    >>> parse_span("1d12h")
    datetime.timedelta(days=1, seconds=43200)
    """
    if not _SPAN.fullmatch(word):
        raise InvalidCommand(f"{shown(word)} is no span of time. Write it like `90m`, `4h`, `7d` or `2w`.")
    parts = re.findall(_PART, word.lower())
    span = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())
    if not timedelta() < span <= _LONGEST:
        raise InvalidCommand(f"{shown(word)} is too short or too long: a span is up to {_LONGEST.days} days.")
    return span


def span_word(span: timedelta) -> str:
    """Write a span so that ``parse_span`` reads it again; what is below a minute is left out.

    >>> span_word(timedelta(days=7)), span_word(timedelta(hours=36, minutes=5))
    ('7d', '1d12h5m')
    """
    hours, minutes = divmod(span.seconds // 60, 60)
    parts = ((span.days, "d"), (hours, "h"), (minutes, "m"))
    return "".join(f"{number}{unit}" for number, unit in parts if number)


def is_money(word: str) -> bool:
    """Whether a word is meant as a sum: it has a currency sign, or says for how long.

    >>> is_money("$450/h"), is_money("450/h"), is_money("8")
    (True, True, False)
    """
    return any(sign in word for sign in "$\u20ac\u00a3\u00a5") or bool(re.match(r"[\d.,]+k?/", word))


def parse_hourly_cost(word: str) -> float:
    """Read US dollars an hour: ``$450/h``, ``450/h``, ``$10,800/day``; without a unit it is an hour.

    Raises InvalidCommand.

    >>> parse_hourly_cost("$450/h"), parse_hourly_cost("$1.2k/day")
    (450.0, 50.0)
    """
    found = _MONEY.fullmatch(word)
    if found is None:
        raise InvalidCommand(f"{shown(word)} is no price. Write US dollars an hour, like `$450/h`.")
    amount = float(found["amount"].replace(",", "")) * (1000 if found["thousand"] else 1)
    if not amount:
        raise InvalidCommand("A price is more than nothing. Write US dollars an hour, like `$450/h`.")
    return amount / _HOURS[(found["unit"] or "h").lower()]


def parse_usd(word: str) -> float:
    """Read a sum of US dollars: ``$2000``, ``2,000``, ``$2k``. Raises InvalidCommand.

    >>> parse_usd("$2000"), parse_usd("2k")
    (2000.0, 2000.0)
    """
    found = _MONEY.fullmatch(word)
    amount = float(found["amount"].replace(",", "")) * (1000 if found["thousand"] else 1) if found else 0.0
    if found is None or found["unit"] or not amount:
        raise InvalidCommand(f"{shown(word)} is no sum. Write US dollars, like `$2000`.")
    return amount


def parse_page(word: str) -> int:
    """Read the number of a page. Raises InvalidCommand for what is none.

    >>> parse_page("2")
    2
    """
    if not (word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS and int(word)):
        raise InvalidCommand(f"{shown(word)} is no page: they count from 1.")
    return int(word)

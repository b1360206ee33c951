"""What somebody says they are about to start: how much of which type, until when, for how much."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec

from engine.command_line.moments import parse_until
from engine.command_line.values import is_money, parse_hourly_cost, parse_span
from engine.command_line.words import shown
from engine.errors import InvalidCommand

USUAL_SPAN = timedelta(days=7)
_LONGEST = timedelta(days=366)
_QUANTITY = re.compile(r"(\d{1,6})x?", re.ASCII | re.IGNORECASE)
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9._/-]{1,99}", re.ASCII)
_HOW = "Say it like `/dd0c expect 8 p5.48xlarge until Fri $450/h`."


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """So many of ``resource_type`` at a time, for so many USD an hour in all, until a moment. At least one is set of
    ``quantity`` and ``max_hourly_cost``: without any limit there is nothing to hold a launch against."""

    resource_type: str
    until: datetime
    quantity: int | None = None
    max_hourly_cost: float | None = None


def parse_intent(words: Sequence[str], now: datetime, zone: tzinfo) -> Intent:
    """Read a declaration in any order: a count, a type, a price, ``until`` a moment or ``for`` a span.

    Without a moment it lasts a week. Raises InvalidCommand for words that are not understood, said twice or missing.

    >>> from datetime import UTC
    >>> said = parse_intent(["8", "p5.48xlarge", "$450/h", "for", "3d"], datetime(2026, 11, 23, tzinfo=UTC), UTC)
    >>> said.quantity, said.resource_type, said.max_hourly_cost, said.until.day
    (8, 'p5.48xlarge', 450.0, 26)
    """
    found: dict[str, Any] = {}
    said: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest[0]
        name, value = _next(rest, now, zone)
        if name in found:
            raise InvalidCommand(f"{_TWICE[name]} was said twice: {shown(said[name])} and {shown(word)}. {_HOW}")
        found[name], said[name] = value, word
    if "resource_type" not in found:
        raise InvalidCommand(f"Which type? {_HOW}")
    if not {"quantity", "max_hourly_cost"} & found.keys():
        raise InvalidCommand(f"How many, or for how much an hour? Without a limit all would stay silent. {_HOW}")
    intent = Intent(**{"until": now + USUAL_SPAN, **found})
    if intent.until > now + _LONGEST:
        raise InvalidCommand(f"That is too far away: a declaration lasts up to {_LONGEST.days} days.")
    return intent


_TWICE = {
    "quantity": "How many",
    "resource_type": "A type",
    "max_hourly_cost": "A price",
    "until": "Until when",
}


def _next(rest: list[str], now: datetime, zone: tzinfo) -> tuple[str, Any]:
    """Take the next thing off the words, and name it."""
    word = rest.pop(0)
    if word.lower() == "until":
        return "until", parse_until(_moment_words(rest), now, zone)
    if word.lower() == "for":
        return "until", now + parse_span(rest.pop(0) if rest else "")
    for name, fits, read in _KINDS:
        if fits(word):
            return name, read(word)
    raise InvalidCommand(f"{shown(word)} is not understood. {_HOW}")


def _moment_words(rest: list[str]) -> list[str]:
    """A day, and the time of day behind it."""
    taken = [rest.pop(0)] if rest else []
    if taken and rest and ":" in rest[0]:
        taken.append(rest.pop(0))
    return taken


def _quantity(word: str) -> int:
    number = int(word.lower().removesuffix("x"))
    if not number:
        raise InvalidCommand(f"None at all need not be declared. {_HOW}")
    return number


def _type(word: str) -> str:
    """AWS writes types of machines in small letters, whatever a telephone's keyboard makes of them."""
    return word.lower() if "." in word else word


def _fits_quantity(word: str) -> bool:
    return _QUANTITY.fullmatch(word) is not None


def _fits_type(word: str) -> bool:
    return _TYPE.fullmatch(word) is not None


_KINDS: tuple[tuple[str, Callable[[str], bool], Callable[[str], Any]], ...] = (
    ("max_hourly_cost", is_money, parse_hourly_cost),
    ("quantity", _fits_quantity, _quantity),
    ("resource_type", _fits_type, _type),
)

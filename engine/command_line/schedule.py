"""When somebody wants the digest."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from engine.command_line.moments import parse_time, parse_weekday
from engine.command_line.nearest import did_you_mean
from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.schedule import DigestRhythm, DigestSchedule

_RHYTHMS = {
    "on": DigestRhythm.DAILY,
    "daily": DigestRhythm.DAILY,
    "weekly": DigestRhythm.WEEKLY,
    "off": DigestRhythm.OFF,
}
_HOW = "Say `/dd0c digest on 09:00 Europe/Berlin`, `/dd0c digest weekly Mon 09:00` or `/dd0c digest off`."


def parse_schedule(words: Sequence[str], known: DigestSchedule, zones: Collection[str]) -> DigestSchedule:
    """Read how often, and a weekday, a time of day and a zone in any order; what is not said stays as it is ``known``.

    A zone may go by its last word, such as Berlin. Raises InvalidCommand for words that are not understood.

    >>> said = parse_schedule(["weekly", "Fri", "17:30", "berlin"], DigestSchedule(), ["Europe/Berlin"])
    >>> said.rhythm.value, said.weekday, said.at.hour, said.zone
    ('weekly', 4, 17, 'Europe/Berlin')
    """
    first, *rest = words
    rhythm = _RHYTHMS.get(first.lower())
    if rhythm is None:
        raise InvalidCommand(f"{shown(first)} is not understood here.{did_you_mean(first, ['now', *_RHYTHMS])} {_HOW}")
    if rhythm is DigestRhythm.OFF and rest:
        raise InvalidCommand(f"A digest that is off comes at no time. {_HOW}")
    changes: dict[str, Any] = {}
    for word in rest:
        name, value = _read(word, rhythm, zones)
        if name in changes:
            raise InvalidCommand(f"{shown(word)}: that was said already. {_HOW}")
        changes[name] = value
    return msgspec.structs.replace(known, rhythm=rhythm, **changes)


def _read(word: str, rhythm: DigestRhythm, zones: Collection[str]) -> tuple[str, Any]:
    if ":" in word or word[:1].isdigit():
        return "at", parse_time(word)
    zone = _zone(word, zones)
    if zone:
        return "zone", zone
    try:
        weekday = parse_weekday(word)
    except InvalidCommand:
        raise InvalidCommand(f"{shown(word)} is no zone that is known.{did_you_mean(word, zones)} {_HOW}") from None
    if rhythm is DigestRhythm.DAILY:
        raise InvalidCommand(f"A daily digest comes on all days. {_HOW}")
    return "weekday", weekday


def _zone(word: str, zones: Collection[str]) -> str:
    """The zone that is called so, or whose last word is so where only one has it."""
    asked = word.lower()
    whole = [zone for zone in zones if zone.lower() == asked]
    ends = [zone for zone in zones if zone.lower().rpartition("/")[2].replace("_", " ") == asked.replace("_", " ")]
    found = whole or (ends if len(ends) == 1 else [])
    return found[0] if found else ""

"""Words sorted into options and the rest."""

from collections.abc import Mapping, Sequence

import msgspec

from engine.command_line.nearest import did_you_mean
from engine.command_line.words import shown
from engine.errors import InvalidCommand


class Line(msgspec.Struct, frozen=True):
    """A command line behind its command: plain words, and options by name, without hyphens. Switches have no value."""

    words: tuple[str, ...] = ()
    options: Mapping[str, str] = {}


def read_line(words: Sequence[str], known: Mapping[str, bool]) -> Line:
    """Sort words. ``known`` tells for each option, by name without hyphens, whether it takes a value.

    A value stands behind its option or behind ``=``. Raises InvalidCommand for an option that is not known, given
    twice, or whose value is missing or too much.

    >>> read_line(["7", "--since", "2d", "--open"], {"since": True, "open": False})
    Line(words=('7',), options={'since': '2d', 'open': ''})
    """
    plain: list[str] = []
    options: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            plain.append(word)
            continue
        name, equals, value = _name(word, known)
        if name in options:
            raise InvalidCommand(f"`--{name}` was said twice. Say it once.")
        if known[name] and not equals:
            value = _next_value(name, rest)
        options[name] = _checked(name, value, known[name], bool(equals))
    return Line(tuple(plain), options)


def _name(word: str, known: Mapping[str, bool]) -> tuple[str, str, str]:
    flag, equals, value = word.partition("=")
    name = flag.removeprefix("--").lower()
    if name in known:
        return name, equals, value
    flags = [f"--{one}" for one in known]
    hint = did_you_mean(flag, flags) or f" There is {', '.join(f'`{one}`' for one in flags)}."
    raise InvalidCommand(f"{shown(flag)} is not understood.{hint}")


def _next_value(name: str, rest: list[str]) -> str:
    if not rest or rest[0].startswith("--"):
        raise InvalidCommand(f"`--{name}` needs a value behind it.")
    return rest.pop(0)


def _checked(name: str, value: str, takes_value: bool, has_equals: bool) -> str:
    if takes_value and not value:
        raise InvalidCommand(f"`--{name}` needs a value behind it.")
    if has_equals and not takes_value:
        raise InvalidCommand(f"`--{name}` takes no value.")
    return value

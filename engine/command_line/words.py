"""A typed line as words: quotes as people and their keyboards write them, dashes that were hyphens."""

import re

from engine.errors import InvalidCommand

_CLOSERS = {
    '"': '"\N{RIGHT DOUBLE QUOTATION MARK}',
    "\N{LEFT DOUBLE QUOTATION MARK}": '"\N{RIGHT DOUBLE QUOTATION MARK}',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"\N{RIGHT DOUBLE QUOTATION MARK}',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}',
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    "'": "'\N{RIGHT SINGLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "'\N{RIGHT SINGLE QUOTATION MARK}",
}
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
# A message editor turns two hyphens into a dash of one kind or another.
_DASHES = re.compile(r"^[\u2012-\u2015\u2212]+-?(?=[^\W\d_])")
_SHOWN = 60


def split_words(text: str) -> tuple[str, ...]:
    """Split a line at spaces; what stands between quotation marks is one word, and may be empty.

    A mark opens at the start of a word or behind ``=``, so that an apostrophe is none. A dash before a letter becomes
    the two hyphens it was typed as. Raises InvalidCommand for a mark that is never closed.

    >>> split_words("anomalies \u2014account \u201cacme lab\u201d --since=7d")
    ('anomalies', '--account', 'acme lab', '--since=7d')
    """
    words, rest = [], _ENTITY.sub(lambda found: _ENTITIES[found[0]], text).lstrip()
    while rest:
        word, rest = _first_word(rest)
        words.append(word)
        rest = rest.lstrip()
    return tuple(words)


def _first_word(text: str) -> tuple[str, str]:
    """Cut the first word off a text that begins with it; gives the word without quotation marks, and the rest."""
    if text[0] in _CLOSERS:
        return _quoted(text)
    word = text.split(maxsplit=1)[0]
    name, _, value = word.partition("=")
    if value[:1] in _CLOSERS:
        quoted, rest = _quoted(text[len(name) + 1 :])
        return f"{_hyphens(name)}={quoted}", rest
    return _hyphens(word), text[len(word) :]


def _quoted(text: str) -> tuple[str, str]:
    closers = _CLOSERS[text[0]]
    for place, char in enumerate(text[1:], start=1):
        if char in closers:
            return text[1:place], text[place + 1 :]
    raise InvalidCommand(f"A quotation mark is opened and never closed: {shown(text)}. Close it, or leave it out.")


def _hyphens(word: str) -> str:
    return _DASHES.sub("--", word)


def shown(word: str) -> str:
    """Give what a person typed as it can stand in an answer: short, on one line, and nothing that ends its quotation.

    >>> shown("a`b"), shown("")
    ("`a'b`", '` `')
    """
    line = " ".join(word.split()).replace("`", "'")
    return f"`{line[:_SHOWN] or ' '}`"

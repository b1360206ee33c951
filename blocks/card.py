"""A message, and the few kinds of blocks that ours are made of."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from blocks.text import count, length, plain

Block = dict[str, Any]

HEADER_LIMIT = 150
SECTION_LIMIT = 3000
CONTEXT_LIMIT = 10
MESSAGE_LIMIT = 13_200


class Card(msgspec.Struct, frozen=True):
    """What is handed to Slack. ``text`` is the one line that notifications and screen readers get instead of blocks.

    Where Slack refuses the blocks, ``plainer`` says the same with older ones, the best of them first.
    """

    text: str
    blocks: list[Block]
    plainer: tuple[list[Block], ...] = ()


def mrkdwn(text: str) -> Block:
    """Text whose markup we wrote. Verbatim keeps Slack from making links of what a name merely looks like."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str, limit: int) -> Block:
    """Text without any markup, cut to ``limit``."""
    return {"type": "plain_text", "text": plain(text, limit), "emoji": False}


def header(text: str) -> Block:
    """The message's headline."""
    return {"type": "header", "block_id": "header", "text": plain_text(text, HEADER_LIMIT)}


def section(block_id: str, text: str = "", fields: Sequence[str] = ()) -> Block:
    """A paragraph, fields in two columns, or both; at least one must be given."""
    block: Block = {"type": "section", "block_id": block_id}
    if text:
        block["text"] = mrkdwn(text)
    if fields:
        block["fields"] = [mrkdwn(field) for field in fields]
    return block


def context(block_id: str, texts: Sequence[str]) -> Block:
    """Small print: one to ten pieces."""
    return {"type": "context", "block_id": block_id, "elements": [mrkdwn(text) for text in texts]}


def repeat_note(*, may_repeat: bool) -> list[Block]:
    """The small print of a message that was posted again in doubt."""
    text = "This message may repeat one posted before: Slack did not confirm whether the first one arrived."
    return [context("repeat", [text])] if may_repeat else []


def button(action_id: str, label: str, value: str, **extras: Any) -> Block:
    """A button; ``extras`` are Slack's own ``style`` and ``confirm``."""
    return {"type": "button", "action_id": action_id, "text": plain_text(label, 75), "value": value, **extras}


def confirmation(title: str, text: str, yes: str, no: str = "Cancel") -> Block:
    """The dialog that asks before a button does its work."""
    return {
        "title": plain_text(title, 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(yes, 30),
        "deny": plain_text(no, 30),
    }


def code_block(lines: Iterable[str]) -> str:
    """Lines that are already safe, to be copied together."""
    return "```" + "\n".join(lines) + "```"


def shorten(lines: Sequence[str], most: int, noun: str = "") -> list[str]:
    """Return the first ``most`` lines and, when some are left out, a last one that says how many.

    >>> shorten(["a", "b", "c", "d"], 2)
    ['a', 'b', '_and 2 more_']
    """
    rest = len(lines) - most
    if rest <= 0:
        return list(lines)
    return [*lines[:most], f"_and {count(rest, 'more ' + noun) if noun else f'{rest:,} more'}_"]


def paragraphs(block_id: str, lines: Iterable[str], limit: int = SECTION_LIMIT) -> list[Block]:
    """Spread lines, each no longer than ``limit``, over as many sections as they need.

    >>> [block["block_id"] for block in paragraphs("row", ["x" * 2000, "y" * 2000])]
    ['row:0', 'row:1']
    """
    pages: list[list[str]] = []
    for line in lines:
        if not pages or length("\n".join([*pages[-1], line])) > limit:
            pages.append([])
        pages[-1].append(line)
    return [section(f"{block_id}:{number}", "\n".join(page)) for number, page in enumerate(pages)]


def size(part: object) -> int:
    """Return how many characters of text are in blocks, or in a part of one.

    >>> size([section("one", "abc", fields=["de"])])
    5
    """
    if isinstance(part, list):
        return sum(map(size, part))
    if not isinstance(part, dict):
        return 0
    text = part.get("text")
    return length(text) if isinstance(text, str) else sum(map(size, part.values()))


def fitting(texts: Iterable[str], room: int) -> list[str]:
    """Return the first texts that, each with the line break behind it, are no longer than ``room`` together.

    >>> fitting(["one", "two", "three"], 9)
    ['one', 'two']
    """
    kept = []
    for text in texts:
        room -= length(text) + 1
        if room < 0:
            break
        kept.append(text)
    return kept

"""The rules themselves notice what Slack would refuse or misread."""

import copy
from collections.abc import Callable

import pytest

from blocks.anomaly_card import anomaly_card
from blocks.card import Block, Card, confirmation, context, header, plain_text, section
from tests.blocks.rules import problems, schema_problems
from tests.blocks.samples import LEAKED_KEY, START


def good_blocks() -> list[Block]:
    """Blocks with nothing wrong about them."""
    return copy.deepcopy(anomaly_card(LEAKED_KEY, account_name="prod", now=START, may_repeat=False).blocks)


def set_text(text: str) -> Callable[[list[Block]], None]:
    """Write ``text`` into the third block, a section."""
    return lambda blocks: blocks[2]["text"].update(text=text)


def buttons(blocks: list[Block]) -> list[Block]:
    """The elements of the card's row of buttons."""
    [row] = [one for one in blocks if one["type"] == "actions"]
    elements: list[Block] = row["elements"]
    return elements


BREAKAGES: dict[str, Callable[[list[Block]], None]] = {
    "empty text": set_text(" "),
    "too long": set_text("x" * 3001),
    "a ping": set_text("<!channel>"),
    "a cut entity": set_text("R&am"),
    "a direction override": set_text("a\u202eb"),
    "the same block twice": lambda blocks: blocks.append(blocks[0]),
    "too many blocks": lambda blocks: blocks.extend(section(f"s{number}", "x") for number in range(50)),
    "too much in all": lambda blocks: blocks.extend(section(f"s{number}", "x" * 2900) for number in range(5)),
    "too many small prints": lambda blocks: blocks.append(context("more", ["x"] * 11)),
    "links made of names": lambda blocks: blocks[2]["text"].update(verbatim=False),
    "an unknown key": lambda blocks: blocks[2].update(color="red"),
    "the same action twice": lambda blocks: buttons(blocks).append(buttons(blocks)[0]),
    "a long confirmation": lambda blocks: buttons(blocks)[0].update(
        confirm={**confirmation("Sure?", "x", "Yes"), "text": plain_text("x" * 301, 400)}
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_broken_cards_are_noticed(name: str) -> None:
    blocks = good_blocks()
    assert problems(Card("one line", blocks)) == []
    BREAKAGES[name](blocks)
    assert problems(Card("one line", blocks)) != []


SEEN_BY_THE_SCHEMA = ("too long", "too many small prints", "an unknown key", "a long confirmation")


@pytest.mark.parametrize("name", SEEN_BY_THE_SCHEMA)
def test_the_schema_notices_by_itself(name: str) -> None:
    blocks = good_blocks()
    assert list(schema_problems(blocks)) == []
    BREAKAGES[name](blocks)
    assert list(schema_problems(blocks)) != []


@pytest.mark.parametrize("text", ["", "two\nlines", "<!here>"])
def test_a_bad_fallback_text_is_noticed(text: str) -> None:
    assert problems(Card(text, [header("x")])) != []

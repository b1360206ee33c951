"""What Slack demands of a message, checked by its SDK's models and by rules of our own; neither catches all."""

import json
import re
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SdkBlock

from blocks.card import Block, Card

MOST_BLOCKS = 50
MOST_CHARACTERS = 13_200
TEXT_LIMITS = {
    "header": 150,
    "section": 3000,
    "field": 2000,
    "context": 3000,
    "button": 75,
    "option": 75,
    "placeholder": 150,
    "title": 100,
    "confirm text": 300,
    "yes": 30,
}
_MARKUP = re.compile(r"<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|https://[!-;=?-{}~]+\|[^|<>]+|!date\^\d+\^[^|<>]+\|[^<>]+)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def units(text: str) -> int:
    """Characters as UTF-16 counts them: never fewer than any other way of counting."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def problems(card: Card) -> list[str]:
    """Everything that is wrong with a card; an empty list means that Slack takes it and nobody is fooled by it."""
    found = [*_sdk_problems(card.blocks), *_count_problems(card), *_markup_problems("fallback text", card.text)]
    for role, text in texts(card.blocks):
        found += _text_problems(role, text)
    return found


def _sdk_problems(blocks: list[Block]) -> Iterator[str]:
    for block, parsed in zip(blocks, SdkBlock.parse_all(blocks), strict=True):
        try:
            if parsed.to_dict().keys() != block.keys():
                yield f"slack_sdk reads other keys than written: {block}"
        except SlackObjectFormationError as error:
            yield f"slack_sdk: {error}: {block}"


def _count_problems(card: Card) -> Iterator[str]:
    block_ids = [block["block_id"] for block in card.blocks]
    if not 1 <= len(block_ids) <= MOST_BLOCKS:
        yield f"{len(block_ids)} blocks"
    if len(set(block_ids)) < len(block_ids) or any(not 1 <= len(name) <= 255 for name in block_ids):
        yield f"block ids: {block_ids}"
    if sum(units(text["text"]) for _, text in texts(card.blocks)) > MOST_CHARACTERS:
        yield "too many characters in all"
    if not card.text.strip() or "\n" in card.text or units(card.text) > MOST_CHARACTERS:
        yield f"fallback text must be one line of words: {card.text!r}"
    json.dumps(card.blocks).encode()
    for block in card.blocks:
        yield from _block_problems(block)


def _block_problems(block: Block) -> Iterator[str]:
    elements = block.get("elements", [])
    most = {"context": 10, "actions": 25}.get(block["type"], 0)
    if len(elements) > most or len(block.get("fields", [])) > 10 or (most and not elements):
        yield f"count of elements or fields: {block}"
    if block["type"] == "actions":
        action_ids = [element["action_id"] for element in elements]
        if len(set(action_ids)) < len(action_ids):
            yield f"duplicate action ids: {action_ids}"
        if any(len(element.get("value", "v")) > 2000 for element in elements):
            yield "button value too long"


def texts(blocks: list[Block]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every text object of a message with the part it plays."""
    for block in blocks:
        if "text" in block:
            yield block["type"], block["text"]
        yield from (("field", field) for field in block.get("fields", []))
        for element in block.get("elements", []):
            yield from _element_texts(block["type"], element)


def _element_texts(block_type: str, element: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if block_type == "context":
        yield "context", element
    if "placeholder" in element:
        yield "placeholder", element["placeholder"]
    if element["type"] == "button":
        yield "button", element["text"]
    yield from (("option", option["text"]) for option in element.get("options", []))
    if "confirm" in element:
        dialog = element["confirm"]
        yield from (("title", dialog["title"]), ("confirm text", dialog["text"]))
        yield from (("yes", dialog["confirm"]), ("yes", dialog["deny"]))


def _text_problems(role: str, text: dict[str, Any]) -> Iterator[str]:
    if not text["text"].strip():
        yield f"{role}: empty"
    if units(text["text"]) > TEXT_LIMITS[role]:
        yield f"{role}: {units(text['text'])} characters"
    if _INVISIBLE.search(text["text"]):
        yield f"{role}: invisible characters in {text['text']!r}"
    if text["type"] == "mrkdwn":
        yield from _markup_problems(role, text["text"])
        if text.get("verbatim") is not True:
            yield f"{role}: Slack would make links of names"


def _markup_problems(role: str, text: str) -> Iterator[str]:
    """After our own mentions and dates are taken out, nothing may be left that Slack reads as markup or entity."""
    rest = _ENTITY.sub("", _MARKUP.sub("", text))
    if re.search("[<>&]", rest):
        yield f"{role}: unescaped in {text!r}"


def reading(card: Card) -> str:
    """What a person reads, one text a line, with dates as their UTC fallback and entities decoded."""
    lines = [text["text"] for role, text in texts(card.blocks) if role in {"header", "section", "field", "context"}]
    shown = re.sub(r"<!date[^|]*\|([^>]*)>", r"\1", "\n".join(lines))
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def labels(card: Card) -> list[str]:
    """What the buttons and selects say; a menu behind three dots says nothing by itself."""
    blocks = [block for block in card.blocks if block["type"] == "actions"]
    elements = [element for block in blocks for element in block["elements"] if element["type"] != "overflow"]
    return [(element.get("text") or element["placeholder"])["text"] for element in elements]

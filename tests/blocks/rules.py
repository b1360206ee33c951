"""What Slack demands of messages and views: by its SDK's models, by a JSON schema, and by rules of our own.

No one of the three catches all.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View as SdkView

from blocks.card import Block, Card

MOST_BLOCKS = 50
MOST_BLOCKS_OF_A_VIEW = 100
MOST_CHARACTERS = 13_200
MOST_CHARTS = 2
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
    "label": 2000,
    "hint": 2000,
    "chart": 50,
    "bar": 20,
    "alt": 2000,
}
# The SDK drops them when it parses; the schema and our own rules know them.
UNKNOWN_TO_THE_SDK = {"data_visualization"}
_SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text())


def _validator(part: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**part, "$defs": _SCHEMA["$defs"]})


_BLOCKS = {one["properties"]["type"]["const"]: _validator(one) for one in _SCHEMA["$defs"]["block"]["oneOf"]}
_VIEW = _validator(_SCHEMA["$defs"]["view"])
_MARKUP = re.compile(r"<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|https://[!-;=?-{}~]+\|[^|<>]+|!date\^\d+\^[^|<>]+\|[^<>]+)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def units(text: str) -> int:
    """Characters as UTF-16 counts them: never fewer than any other way of counting."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def problems(card: Card) -> list[str]:
    """Everything that is wrong with a card; an empty list means that Slack takes it and nobody is fooled by it."""
    found = [*_markup_problems("fallback text", card.text)]
    for blocks in (card.blocks, *card.plainer):
        found += [*_sdk_problems(blocks), *_count_problems(card.text, blocks)]
        for role, text in texts(blocks):
            found += _text_problems(role, text)
    return found


def view_problems(view: Block) -> list[str]:
    """Everything that is wrong with a modal or a Home tab."""
    blocks = view["blocks"]
    found = [*_errors(_VIEW, view), *schema_problems(blocks), *_sdk_problems(blocks), *_id_problems(blocks)]
    try:
        if SdkView(**view).to_dict().keys() != view.keys():
            found.append("slack_sdk reads other keys of the view than written")
    except SlackObjectFormationError as error:
        found.append(f"slack_sdk: {error}")
    for role, text in texts(blocks):
        found += _text_problems(role, text)
    return found


def schema_problems(blocks: list[Block]) -> Iterator[str]:
    """What the JSON schema finds; it is slow, so that ``problems`` leaves it to the test of every builder.

    Blocks are judged by their type, which says more than that none of all types fits, and sooner.
    """
    for block in blocks:
        if block["type"] not in _BLOCKS:
            yield f"schema: unknown type {block['type']}"
        else:
            yield from _errors(_BLOCKS[block["type"]], block)


def _errors(validator: Draft202012Validator, instance: Any) -> Iterator[str]:
    for error in validator.iter_errors(instance):
        yield f"schema: {error.json_path}: {error.message[:300]}"


def _sdk_problems(blocks: list[Block]) -> Iterator[str]:
    known = [block for block in blocks if block["type"] not in UNKNOWN_TO_THE_SDK]
    for block, parsed in zip(known, SdkBlock.parse_all(known), strict=True):
        try:
            if parsed.to_dict().keys() != block.keys():
                yield f"slack_sdk reads other keys than written: {block}"
        except SlackObjectFormationError as error:
            yield f"slack_sdk: {error}: {block}"


def _count_problems(fallback: str, blocks: list[Block]) -> Iterator[str]:
    if not 1 <= len(blocks) <= MOST_BLOCKS:
        yield f"{len(blocks)} blocks"
    if sum(units(text["text"]) for _, text in texts(blocks)) > MOST_CHARACTERS:
        yield "too many characters in all"
    if not fallback.strip() or "\n" in fallback or units(fallback) > MOST_CHARACTERS:
        yield f"fallback text must be one line of words: {fallback!r}"
    if sum(block["type"] == "data_visualization" for block in blocks) > MOST_CHARTS:
        yield "too many charts"
    yield from _id_problems(blocks)


def _id_problems(blocks: list[Block]) -> Iterator[str]:
    block_ids = [block["block_id"] for block in blocks]
    if len(set(block_ids)) < len(block_ids) or any(not 1 <= len(name) <= 255 for name in block_ids):
        yield f"block ids: {block_ids}"
    json.dumps(blocks, allow_nan=False).encode()
    for block in blocks:
        yield from _block_problems(block)


def _block_problems(block: Block) -> Iterator[str]:
    if block["type"] == "data_visualization":
        yield from _chart_problems(block["chart"])
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


def _chart_problems(chart: dict[str, Any]) -> Iterator[str]:
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) < len(names):
        yield f"two series of one name: {names}"
    for series in chart["series"]:
        if [point["label"] for point in series["data"]] != chart["axis_config"]["categories"]:
            yield f"labels are not the categories: {series}"


def texts(blocks: list[Block]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every text object of a message with the part it plays."""
    for block in blocks:
        if "text" in block:
            yield block["type"], block["text"]
        yield from (("field", field) for field in block.get("fields", []))
        yield from ((role, block[role]) for role in ("label", "hint") if role in block)
        inside = [*block.get("elements", []), *(block[role] for role in ("accessory", "element") if role in block)]
        for element in inside:
            yield from _element_texts(block["type"], element)
        yield from _picture_texts(block)


def _picture_texts(block: Block) -> Iterator[tuple[str, dict[str, Any]]]:
    """A chart's and a picture's texts are bare strings."""
    chart = block.get("chart", {"series": []})
    points = [point for series in chart["series"] for point in series["data"]]
    found = [("chart", block.get("title")), ("alt", block.get("alt_text")), *(("bar", one["label"]) for one in points)]
    yield from ((role, {"type": "plain_text", "text": text}) for role, text in found if isinstance(text, str))


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

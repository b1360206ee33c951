"""Check messages and views against Block Kit's rules and say what is wrong in Slack's words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from demo.slack_workspace.elements import (
    ACCESSORIES,
    ACTION_ELEMENTS,
    CONTEXT_ELEMENTS,
    IDENTIFIER,
    IMAGE_FIELDS,
    INPUT_ELEMENTS,
    SECTION_BODY,
    plain,
    text,
)
from demo.slack_workspace.schema import (
    Check,
    anything,
    array,
    boolean,
    both,
    enum,
    exactly_one,
    integer,
    number,
    problem,
    record,
    string,
    typed,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MAX_CHARTS = 2
MAX_BLOCK_CHARACTERS = 13_200
"""All the text of one message's blocks together; observed, not published, by Slack."""


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({"type": anything, **required}, {"block_id": IDENTIFIER, **(optional or {})})


def _loose(*needed: str) -> Check:
    """Check only that the named fields are there; for blocks whose inside this workspace does not know."""

    def check(value: object, pointer: str) -> Iterator[str]:
        for name in needed:
            if isinstance(value, dict) and not value.get(name):
                yield problem(f"missing required field: {name}", f"{pointer}/{name}")

    return check


_POINT = record({"label": string(20), "value": number})
_SERIES = record({"name": string(20), "data": array(_POINT, 20)})
_AXES = record({"categories": array(string(20), 20)}, {"x_label": string(50), "y_label": string(50)})
_XY_CHART = record({"type": anything, "series": array(_SERIES, 6), "axis_config": _AXES})
_CHART = typed(
    {
        "pie": record({"type": anything, "segments": array(_POINT, 6)}),
        "bar": _XY_CHART,
        "line": _XY_CHART,
        "area": _XY_CHART,
    }
)
_RICH_TEXT_PARTS = typed(
    dict.fromkeys(
        ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"),
        _loose("elements"),
    )
)
_TABLE_ROWS = array(array(typed(dict.fromkeys(("raw_text", "raw_number", "rich_text"), anything)), 20), 101)

_EVERYWHERE: dict[str, Check] = {
    "header": _block({"text": plain(150)}),
    "section": both(
        _block(
            {},
            {
                "text": text(3000),
                "fields": array(text(2000), 10),
                "accessory": ACCESSORIES,
                "expand": boolean,
            },
        ),
        SECTION_BODY,
    ),
    "divider": _block({}),
    "context": _block({"elements": array(CONTEXT_ELEMENTS, 10)}),
    "actions": _block({"elements": array(ACTION_ELEMENTS, 25)}),
    "image": both(
        _block({"alt_text": string(2000)}, {**IMAGE_FIELDS, "title": plain(2000)}),
        exactly_one("image_url", "slack_file"),
    ),
    "input": _block(
        {"label": plain(2000), "element": INPUT_ELEMENTS},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": _block({"elements": array(_RICH_TEXT_PARTS, 3000)}),
    "video": _loose("alt_text", "title", "thumbnail_url", "video_url"),
}
_MESSAGE_ONLY: dict[str, Check] = {
    "markdown": _block({"text": string(12_000)}),
    "table": _block({"rows": _TABLE_ROWS}, {"column_settings": anything}),
    "data_table": _block(
        {"caption": string(2000), "rows": _TABLE_ROWS},
        {"page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
    ),
    "data_visualization": _block({"title": string(50), "chart": _CHART}),
    "context_actions": _loose("elements"),
    "card": _loose(),
    "carousel": _loose("elements"),
    "file": _loose("external_id", "source"),
}
_MODAL_ONLY: dict[str, Check] = {"alert": _block({"text": text(200)}, {"level": string(20)})}

_MESSAGE = array(typed(_EVERYWHERE | _MESSAGE_ONLY), MESSAGE_BLOCKS, 0)
_MODAL = array(typed(_EVERYWHERE | _MODAL_ONLY), VIEW_BLOCKS, 0)
_HOME = array(typed(_EVERYWHERE), VIEW_BLOCKS, 0)

_VIEW_COMMON: dict[str, Check] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_VIEW = typed(
    {
        "modal": record(
            {"type": anything, "title": plain(24), "blocks": _MODAL},
            {
                **_VIEW_COMMON,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        ),
        "home": record({"type": enum("home"), "blocks": _HOME}, _VIEW_COMMON),
    }
)


def message_problems(blocks: object, pointer: str = "/blocks") -> list[str]:
    """Return one line for every rule a message's blocks break; an empty list means Slack takes them.

    >>> message_problems([{"type": "header", "text": {"type": "plain_text", "text": ""}}])
    ['[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]']
    """
    return [*_MESSAGE(blocks, pointer), *_uniqueness(blocks, pointer), *_chart_count(blocks, pointer)]


def view_problems(view: object, pointer: str = "/view") -> list[str]:
    """Return one line for every rule a modal or Home view breaks."""
    found = list(_VIEW(view, pointer))
    if isinstance(view, dict):
        found += _uniqueness(view.get("blocks"), f"{pointer}/blocks")
        if _of_type(view.get("blocks"), "input") and view.get("type") == "modal" and not view.get("submit"):
            found.append(problem("missing required field: submit", f"{pointer}/submit"))
    return found


def elements_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the elements of one block that a person can use or fill in."""
    elements = block.get("elements") if block.get("type") in ("actions", "context_actions") else None
    found = [*(elements if isinstance(elements, list) else []), block.get("accessory"), block.get("element")]
    return [element for element in found if isinstance(element, dict)]


def text_length(blocks: object) -> int:
    """Return how many characters of text the blocks hold together, at any depth."""
    if isinstance(blocks, list):
        return sum(text_length(member) for member in blocks)
    if not isinstance(blocks, dict):
        return 0
    return sum(
        len(value) if name == "text" and isinstance(value, str) else text_length(value)
        for name, value in blocks.items()
    )


def _of_type(blocks: object, kind: str) -> list[dict[str, Any]]:
    members = blocks if isinstance(blocks, list) else []
    return [block for block in members if isinstance(block, dict) and block.get("type") == kind]


def _repeated(ids: Iterable[object]) -> list[str]:
    counts = Counter(identifier for identifier in ids if isinstance(identifier, str))
    return [identifier for identifier, count in counts.items() if count > 1]


def _uniqueness(blocks: object, pointer: str) -> Iterator[str]:
    members = blocks if isinstance(blocks, list) else []
    known = [(index, block) for index, block in enumerate(members) if isinstance(block, dict)]
    for block_id in _repeated(block.get("block_id") for _, block in known):
        yield problem(f"`block_id` must be unique: {block_id}", pointer)
    for index, block in known:
        for action_id in _repeated(element.get("action_id") for element in elements_of(block)):
            yield problem(f"`action_id` must be unique within a block: {action_id}", f"{pointer}/{index}")


def _chart_count(blocks: object, pointer: str) -> Iterator[str]:
    if len(_of_type(blocks, "data_visualization")) > MAX_CHARTS:
        yield problem(f"no more than {MAX_CHARTS} data_visualization blocks allowed", pointer)

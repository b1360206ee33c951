"""The Block Kit validator: a table of mistakes, and properties over generated blocks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.slack_workspace.blocks import message_problems, view_problems


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **fields}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def options(count: int) -> list[dict[str, Any]]:
    return [{"text": plain(f"Option {n}"), "value": str(n)} for n in range(count)]


def select(**fields: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", "options": options(2), **fields}


def header(length: int) -> dict[str, Any]:
    return {"type": "header", "text": plain("x" * length)}


def section(length: int) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn("x" * length)}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a chart"}
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("*Really*"), "confirm": plain("Yes"), "deny": plain("No")}
CHART = {
    "type": "data_visualization",
    "title": "Spend",
    "chart": {
        "type": "bar",
        "series": [{"name": "prod", "data": [{"label": "Mon", "value": 3.5}]}],
        "axis_config": {"categories": ["Mon"], "y_label": "USD"},
    },
}

GOOD: list[dict[str, Any]] = [
    header(150),
    section(3000),
    {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    {"type": "section", "text": mrkdwn("a"), "accessory": IMAGE},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("a"), IMAGE] * 5},
    actions(*(button(action_id=f"go{n}", value="v" * 2000, confirm=CONFIRM) for n in range(25))),
    actions(select(options=options(100), placeholder=plain("Snooze"))),
    actions({"type": "overflow", "action_id": "more", "options": options(5)}),
    IMAGE,
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}]},
    CHART,
]

BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("unknown type", {"type": "buttons"}, "unsupported type: buttons", "/type"),
    ("no type", {"text": plain("a")}, "missing required field: type", "/type"),
    ("header too long", header(151), "must be less than 151 characters", "/text/text"),
    ("header empty", header(0), "must be more than 0 characters", "/text/text"),
    ("header in mrkdwn", {"type": "header", "text": mrkdwn("a")}, "unsupported type: mrkdwn", "/text/type"),
    ("section too long", section(3001), "must be less than 3001 characters", "/text/text"),
    ("section empty", {"type": "section"}, "must provide at least one of: text, fields", ""),
    ("11 fields", {"type": "section", "fields": [mrkdwn("a")] * 11}, "no more than 10 items allowed", "/fields"),
    (
        "field too long",
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "must be less than 2001 characters",
        "/fields/0/text",
    ),
    (
        "11 in context",
        {"type": "context", "elements": [mrkdwn("a")] * 11},
        "no more than 10 items allowed",
        "/elements",
    ),
    (
        "26 actions",
        actions(*(button(action_id=str(n)) for n in range(26))),
        "no more than 25 items allowed",
        "/elements",
    ),
    ("no actions", actions(), "no fewer than 1 items allowed", "/elements"),
    (
        "button text",
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters",
        "/elements/0/text/text",
    ),
    ("button value", actions(button(value="x" * 2001)), "must be less than 2001 characters", "/elements/0/value"),
    ("button style", actions(button(style="warning")), "must be one of: primary, danger", "/elements/0/style"),
    ("action id", actions(button(action_id="x" * 256)), "must be less than 256 characters", "/elements/0/action_id"),
    ("block id", {"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters", "/block_id"),
    ("stray property", {"type": "divider", "colour": "red"}, "invalid additional property: colour", "/colour"),
    ("101 options", actions(select(options=options(101))), "no more than 100 items allowed", "/elements/0/options"),
    (
        "option text",
        actions(select(options=[{"text": plain("x" * 76), "value": "a"}])),
        "must be less than 76 characters",
        "/elements/0/options/0/text/text",
    ),
    (
        "option value",
        actions(select(options=[{"text": plain("a"), "value": "x" * 151}])),
        "must be less than 151 characters",
        "/elements/0/options/0/value",
    ),
    (
        "initial option not offered",
        actions(select(initial_option={"text": plain("z"), "value": "z"})),
        "initial option must be among the options",
        "/elements/0",
    ),
    (
        "6 in overflow",
        actions({"type": "overflow", "action_id": "more", "options": options(6)}),
        "no more than 5 items allowed",
        "/elements/0/options",
    ),
    (
        "confirm title",
        actions(button(confirm={**CONFIRM, "title": plain("x" * 101)})),
        "must be less than 101 characters",
        "/elements/0/confirm/title/text",
    ),
    ("no alt_text", {"type": "image", "image_url": "https://a.b/c"}, "missing required field: alt_text", "/alt_text"),
    ("odd URL", {**IMAGE, "image_url": "javascript:alert(1)"}, "must be a valid URL", "/image_url"),
    (
        "same action_id twice",
        actions(button(), button()),
        "`action_id` must be unique within a block: go",
        "",
    ),
    ("chart title", {**CHART, "title": "x" * 51}, "must be less than 51 characters", "/title"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_blocks_at_the_limit_pass(block: dict[str, Any]) -> None:
    assert message_problems([block]) == []


@pytest.mark.parametrize(("block", "text", "place"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_mistake_is_named_with_its_place(block: dict[str, Any], text: str, place: str) -> None:
    assert message_problems([block]) == [f"[ERROR] {text} [json-pointer:/blocks/0{place}]"]


def test_fifty_blocks_pass_and_one_more_does_not() -> None:
    assert message_problems([{"type": "divider"}] * 50) == []
    assert message_problems([{"type": "divider"}] * 51) == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


def test_block_ids_are_unique_and_charts_at_most_two() -> None:
    assert "`block_id` must be unique: a" in message_problems([{"type": "divider", "block_id": "a"}] * 2)[0]
    assert "no more than 2 data_visualization" in message_problems([CHART] * 3)[0]


def modal(**fields: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Snooze"), "blocks": [{"type": "divider"}], **fields}


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(blocks=[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters"),
        (
            modal(blocks=[{"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input"}}]),
            "missing required field: submit",
        ),
        (modal(blocks=[CHART]), "unsupported type: data_visualization"),
        ({"type": "home", "blocks": [], "submit": plain("Go")}, "invalid additional property: submit"),
    ],
)
def test_views_have_their_own_limits(view: dict[str, Any], text: str) -> None:
    problems = view_problems(view)
    assert len(problems) == 1
    assert text in problems[0]
    assert view_problems(modal()) == []


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "elements", "fields", "block_id", "accessory", "options", "option_groups"])
            | st.text(max_size=4),
            inner | st.sampled_from(["section", "header", "actions", "button", "static_select", "mrkdwn"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_any_json_gets_a_verdict_and_only_lists_pass(value: object) -> None:
    problems = message_problems(value)
    assert all(line.startswith("[ERROR] ") and "json-pointer:/blocks" in line for line in problems)
    assert problems or isinstance(value, list)
    assert view_problems(value) != [] or isinstance(value, dict)


@given(st.integers(0, 200), st.integers(0, 3100))
def test_lengths_decide_exactly_at_the_limit(header_length: int, section_length: int) -> None:
    assert (message_problems([header(header_length)]) == []) == (1 <= header_length <= 150)
    assert (message_problems([section(section_length)]) == []) == (1 <= section_length <= 3000)

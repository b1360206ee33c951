"""The rules for Block Kit's composition objects and elements, with Slack's published limits."""

from collections.abc import Iterator

from demo.slack_workspace.schema import (
    Check,
    anything,
    array,
    at_least_one,
    boolean,
    both,
    enum,
    exactly_one,
    integer,
    problem,
    record,
    string,
    typed,
    url,
)

IDENTIFIER = string(255)
MAX_OPTIONS = 100


def plain(maximum: int) -> Check:
    """Accept a plain_text object of 1 to `maximum` characters."""
    return typed({"plain_text": record({"type": anything, "text": string(maximum)}, {"emoji": boolean})})


def text(maximum: int) -> Check:
    """Accept a plain_text or mrkdwn object of 1 to `maximum` characters."""
    body = {"type": anything, "text": string(maximum)}
    return typed({"plain_text": record(body, {"emoji": boolean}), "mrkdwn": record(body, {"verbatim": boolean})})


def kind(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """Accept an object with a `type` and the given fields."""
    return record({"type": anything, **required}, optional)


CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": enum("primary", "danger")},
)
PLAIN_OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75)})
RICH_OPTION = record({"text": text(75), "value": string(150)}, {"description": text(75)})
OVERFLOW_OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": url})
OPTION_GROUP = record({"label": plain(75), "options": array(PLAIN_OPTION, MAX_OPTIONS)})
COMMON: dict[str, Check] = {"action_id": IDENTIFIER, "focus_on_load": boolean}
PLACED: dict[str, Check] = {**COMMON, "placeholder": plain(150), "confirm": CONFIRM}


def _options_of(element: dict[str, object]) -> list[object]:
    groups = element.get("option_groups")
    holders = groups if isinstance(groups, list) else [element]
    lists = [holder.get("options") for holder in holders if isinstance(holder, dict)]
    return [option for options in lists if isinstance(options, list) for option in options]


def _initial_is_offered(value: object, pointer: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    several = value.get("initial_options")
    initial = [value.get("initial_option"), *(several if isinstance(several, list) else [])]
    offered = _options_of(value)
    if any(option is not None and option not in offered for option in initial):
        yield problem("initial option must be among the options", pointer)


def _select(initial: dict[str, Check]) -> Check:
    shape = kind(
        {},
        {
            **PLACED,
            **initial,
            "options": array(PLAIN_OPTION, MAX_OPTIONS),
            "option_groups": array(OPTION_GROUP, MAX_OPTIONS),
        },
    )
    return both(both(shape, exactly_one("options", "option_groups")), _initial_is_offered)


def _picker(initial: str) -> Check:
    return kind({}, {**PLACED, initial: string(255)})


def _workspace_select(name: str) -> Check:
    extra: dict[str, Check] = {f"initial_{name}": IDENTIFIER, "response_url_enabled": boolean}
    if name == "conversation":
        extra |= {"default_to_current_conversation": boolean, "filter": anything}
    return kind({}, {**PLACED, **extra})


def _choices(initial: dict[str, Check]) -> Check:
    shape = kind({"options": array(RICH_OPTION, 10)}, {**COMMON, **initial, "confirm": CONFIRM})
    return both(shape, _initial_is_offered)


def _text_input(minimum: int, maximum: int) -> dict[str, Check]:
    return {
        **COMMON,
        "placeholder": plain(150),
        "initial_value": string(3000, 0),
        "min_length": integer(minimum, maximum),
        "max_length": integer(1, maximum),
        "dispatch_action_config": anything,
    }


BUTTON = kind(
    {"text": plain(75)},
    {
        "action_id": IDENTIFIER,
        "value": string(2000),
        "url": url,
        "style": enum("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
OVERFLOW = kind({"options": array(OVERFLOW_OPTION, 5)}, {"action_id": IDENTIFIER, "confirm": CONFIRM})
IMAGE_FIELDS: dict[str, Check] = {"image_url": url, "slack_file": anything}
IMAGE = both(kind({"alt_text": string(2000)}, IMAGE_FIELDS), exactly_one("image_url", "slack_file"))

PICKERS: dict[str, Check] = {
    "static_select": _select({"initial_option": anything}),
    "users_select": _workspace_select("user"),
    "channels_select": _workspace_select("channel"),
    "conversations_select": _workspace_select("conversation"),
    "datepicker": _picker("initial_date"),
    "timepicker": _picker("initial_time"),
    "datetimepicker": kind({}, {**COMMON, "initial_date_time": anything, "confirm": CONFIRM}),
    "checkboxes": _choices({"initial_options": array(anything, 10)}),
    "radio_buttons": _choices({"initial_option": anything}),
}
MULTI_SELECT: dict[str, Check] = {
    "multi_static_select": _select(
        {"initial_options": array(anything, MAX_OPTIONS), "max_selected_items": integer(1, MAX_OPTIONS)}
    )
}
INPUTS: dict[str, Check] = {
    "plain_text_input": kind({}, {**_text_input(0, 3000), "multiline": boolean}),
    "number_input": kind(
        {"is_decimal_allowed": boolean},
        {**COMMON, "placeholder": plain(150)} | dict.fromkeys(("initial_value", "min_value", "max_value"), string(255)),
    ),
    "email_text_input": kind({}, {**COMMON, "placeholder": plain(150), "initial_value": string(3000)}),
    "url_text_input": kind({}, {**COMMON, "placeholder": plain(150), "initial_value": string(3000)}),
}

ACTION_ELEMENTS = typed({"button": BUTTON, "overflow": OVERFLOW, **PICKERS})
ACCESSORIES = typed({"button": BUTTON, "overflow": OVERFLOW, "image": IMAGE, **PICKERS, **MULTI_SELECT})
INPUT_ELEMENTS = typed({**PICKERS, **MULTI_SELECT, **INPUTS})
CONTEXT_ELEMENTS = typed(
    {
        "image": IMAGE,
        "plain_text": text(3000),
        "mrkdwn": text(3000),
    }
)
SECTION_BODY = at_least_one("text", "fields")

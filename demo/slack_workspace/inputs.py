"""What people put into menus and fields, in the shapes Slack reports it."""

from collections.abc import Mapping
from typing import Any

from demo.slack_workspace.blocks import elements_of
from demo.slack_workspace.errors import NoSuchElementError

Chosen = dict[str, dict[str, Any]]
"""What one person has entered so far: block_id -> action_id -> fields of the state."""

_SCALARS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
}
_ONE_OF_MANY = ("static_select", "radio_buttons", "overflow")
_SOME_OF_MANY = ("checkboxes", "multi_static_select")
_WITHOUT_STATE = ("button", "overflow", "image")


def find_element(blocks: list[dict[str, Any]], action_id: str, value: str | None = None) -> tuple[str, dict[str, Any]]:
    """Return block_id and element of an action; `value` tells apart buttons that share an action_id."""
    for block in blocks:
        for element in elements_of(block):
            wanted = element.get("type") != "button" or value is None or element.get("value") == value
            if element.get("action_id") == action_id and wanted:
                return str(block["block_id"]), element
    raise NoSuchElementError(f"there is no element {action_id!r} (value {value!r}) to use here")


def entered(element: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Return the fields that report `value` for this element, its `type` among them.

    An option is named by its `value`, several by a list of them; None means nothing is chosen.
    """
    kind = element["type"]
    if kind in _SCALARS:
        return {"type": kind, _SCALARS[kind][0]: value}
    if kind in _ONE_OF_MANY:
        return {"type": kind, "selected_option": None if value is None else _option(element, value)}
    if kind in _SOME_OF_MANY:
        return {"type": kind, "selected_options": [_option(element, each) for each in value or []]}
    raise NoSuchElementError(f"a {kind} takes no value")


def _option(element: Mapping[str, Any], value: object) -> dict[str, Any]:
    groups = element.get("option_groups") or [element]
    for group in groups:
        for option in group.get("options") or []:
            if option.get("value") == value:
                return dict(option)
    raise NoSuchElementError(f"{element.get('action_id')} offers no option {value!r}")


def _initial(element: Mapping[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind in _SCALARS:
        return {"type": kind, _SCALARS[kind][0]: element.get(_SCALARS[kind][1])}
    if kind in _ONE_OF_MANY:
        return {"type": kind, "selected_option": element.get("initial_option")}
    return {"type": kind, "selected_options": element.get("initial_options") or []}


def state_values(blocks: list[dict[str, Any]], chosen: Chosen) -> Chosen:
    """Return `state.values`: every field on the surface, with what was entered or its initial value."""
    values: Chosen = {}
    for block in blocks:
        block_id = str(block["block_id"])
        for element in elements_of(block):
            if element["type"] not in _WITHOUT_STATE:
                known = chosen.get(block_id, {}).get(element["action_id"])
                values.setdefault(block_id, {})[element["action_id"]] = known or _initial(element)
    return values


def filled_in(blocks: list[dict[str, Any]], values: Mapping[str, Any]) -> Chosen:
    """Return what was entered into a form; `values` is keyed by action_id or by block_id."""
    chosen: Chosen = {}
    used = set()
    for block in blocks:
        for element in elements_of(block):
            names = {str(element.get("action_id")), str(block["block_id"])} & values.keys()
            for name in names:
                chosen.setdefault(str(block["block_id"]), {})[str(element["action_id"])] = entered(
                    element, values[name]
                )
            used |= names
    unknown = values.keys() - used
    if unknown:
        raise NoSuchElementError(f"the form has no field {', '.join(sorted(unknown))}")
    return chosen


def missing_fields(blocks: list[dict[str, Any]], values: Chosen) -> dict[str, str]:
    """Return the complaint Slack's client shows at every required field that is empty, by block_id."""
    complaints = {}
    for block in blocks:
        if block["type"] == "input" and not block.get("optional"):
            fields = next(iter(values[str(block["block_id"])].values()))
            if not any(value for name, value in fields.items() if name != "type"):
                complaints[str(block["block_id"])] = "Please complete this required field."
    return complaints

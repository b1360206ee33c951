"""What a signed body must look like for Bolt, whose own parts fail with a server error on anything else."""

from collections.abc import Callable, Mapping
from typing import Any

_OBJECTS = ("team", "enterprise", "user", "channel", "container", "message")
_IDS = ("team_id", "enterprise_id")


def is_sound(body: Mapping[str, Any]) -> bool:
    """Whether a body has the shape that Slack gives to commands, clicks, forms and events.

    >>> is_sound({"command": "/dd0c", "team_id": "T1"}), is_sound({"type": "block_actions", "actions": []})
    (True, False)
    """
    objects = all(isinstance(body.get(name), dict | None) for name in _OBJECTS)
    ids = all(isinstance(body.get(name), str | None) for name in _IDS)
    return objects and ids and all(holds(body[name]) for name, holds in _PARTS.items() if name in body)


def _are_actions(actions: object) -> bool:
    return isinstance(actions, list) and bool(actions) and all(_names(one, "action_id") for one in actions)


def _is_view(view: object) -> bool:
    return view is None or _names(view, "type", "callback_id")


def _is_event(event: object) -> bool:
    return _names(event, "type")


def _names(part: object, *names: str) -> bool:
    return isinstance(part, dict) and all(isinstance(part.get(name), str) for name in names)


_PARTS: Mapping[str, Callable[[object], bool]] = {"actions": _are_actions, "view": _is_view, "event": _is_event}

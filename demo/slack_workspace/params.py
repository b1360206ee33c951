"""Read the arguments of a Web API call, whichever way Slack allows them to be sent."""

import json
from typing import Any

from aiohttp import web

from demo.slack_workspace.errors import SlackError

Params = dict[str, Any]
_NESTED = ("blocks", "attachments", "metadata", "view")
_INVALID_FORMAT = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
    "view": "invalid_arguments",
}


async def read_params(request: web.Request) -> Params:
    """Return the query, form fields or JSON body of a call as one mapping."""
    params: Params = dict(request.query)
    if request.content_type == "application/json":
        params |= _json_object(await request.read())
    else:
        params |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return params


def _json_object(body: bytes) -> Params:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed


def decode_nested(params: Params) -> Params:
    """Return the arguments with the structured ones that came as JSON text decoded."""
    decoded = dict(params)
    for name in _NESTED:
        if isinstance(params.get(name), str) and params[name]:
            try:
                decoded[name] = json.loads(params[name])
            except ValueError:
                raise SlackError(_INVALID_FORMAT[name]) from None
    return decoded


def is_true(value: object) -> bool:
    """Tell whether a flag is set; forms spell it as text."""
    return value is True or str(value).lower() in ("true", "1")


def whole_number(params: Params, name: str, default: int, maximum: int) -> int:
    """Return a positive number argument, at most `maximum`."""
    raw = params.get(name)
    if raw in (None, ""):
        return default
    if not str(raw).isdecimal() or int(str(raw)) < 1:
        raise SlackError("invalid_limit" if name == "limit" else "invalid_arguments")
    return min(int(str(raw)), maximum)


def page_of(items: list[Any], params: Params, default: int, maximum: int) -> tuple[list[Any], str]:
    """Return one page of items and the cursor of the next, empty at the end."""
    cursor = str(params.get("cursor") or "0")
    if not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    start = int(cursor)
    end = start + whole_number(params, "limit", default, maximum)
    return items[start:end], str(end) if end < len(items) else ""

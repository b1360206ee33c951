"""How the document shows refusals: problem details, and the headers that come with them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

_WAIT = {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "string"}}}
_HEADERS: Mapping[HTTPStatus, dict[str, Any]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {"description": "`Bearer`.", "required": True, "schema": {"type": "string"}}
    },
    HTTPStatus.TOO_MANY_REQUESTS: _WAIT,
    HTTPStatus.SERVICE_UNAVAILABLE: _WAIT,
}


def show_refusals(said: Mapping[HTTPStatus, str], problem: Mapping[str, Any]) -> dict[str, Any]:
    """Give responses by their status, as OpenAPI has them; ``problem`` is the schema of all their bodies."""
    return {
        str(status.value): {
            "description": text,
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
            "content": {"application/problem+json": {"schema": problem}},
        }
        for status, text in said.items()
    }

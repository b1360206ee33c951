"""The API's document, for programs as it is and for people as a page made of it."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from handlers.web.api.openapi import Json, document
from handlers.web.api.table import ROUTES
from handlers.web.pages import Pages

DOCUMENT = "/v1/openapi.json"
PAGE = "/v1/reference"


class Field(msgspec.Struct, frozen=True):
    """One row of a table: a parameter, or a field of a body."""

    name: str
    kind: str
    required: bool
    text: str


class Operation(msgspec.Struct, frozen=True):
    """One route as the page shows it."""

    method: str
    path: str
    name: str
    summary: str
    text: str
    tag: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]
    answer: tuple[Field, ...]


def register(app: web.Application, pages: Pages) -> None:
    """Add both; they are the same for everybody, and made once."""
    made = document(ROUTES)
    text = json.dumps(made)
    page = pages.render("reference", info=made["info"], tags=made["tags"], operations=list(operations(made)))

    async def handle_document(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json")

    async def handle_reference(_request: web.Request) -> web.Response:
        return web.Response(text=page, headers=pages.headers)

    app.router.add_get(DOCUMENT, handle_document, allow_head=False)
    app.router.add_get(PAGE, handle_reference, allow_head=False)


def operations(made: Json) -> Iterator[Operation]:
    """Read the operations out of a document, in its order."""
    schemas: Json = made["components"]["schemas"]
    for path, methods in made["paths"].items():
        for method, one in methods.items():
            given = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            yield Operation(
                method=method.upper(),
                path=path,
                name=one["operationId"],
                summary=one["summary"],
                text=one["description"],
                tag=one["tags"][0],
                parameters=tuple(
                    Field(part["name"], _kind(part["schema"]), part["required"], part.get("description", ""))
                    for part in one["parameters"]
                ),
                body=tuple(_fields(given, schemas)),
                answers=tuple((status, answer["description"]) for status, answer in one["responses"].items()),
                answer=tuple(_fields(_answer_schema(one), schemas)),
            )


def _answer_schema(operation: Json) -> Json:
    contents = [answer.get("content", {}) for status, answer in operation["responses"].items() if status < "300"]
    found: Json = contents[0].get("application/json", {}).get("schema", {}) if contents else {}
    return found


def _fields(schema: Json, schemas: Json) -> Iterator[Field]:
    if "$ref" not in schema:
        return
    model = schemas[_name(schema)]
    for name, field in model.get("properties", {}).items():
        yield Field(name, _kind(field), name in model.get("required", ()), field.get("description", ""))


def _kind(schema: Json) -> str:
    """Say what a value is in a few words.

    >>> _kind({"anyOf": [{"type": "integer"}, {"type": "null"}]}), _kind({"type": "array", "items": {"enum": ["a"]}})
    ('integer or null', 'list of a')
    """
    match schema:
        case {"anyOf": [*choices]}:
            return " or ".join(map(_kind, choices))
        case {"$ref": _}:
            return _name(schema)
        case {"enum": [*values]}:
            return ", ".join(map(str, values))
        case {"type": "array", "items": items}:
            return f"list of {_kind(items)}"
        case {"format": kind}:
            return str(kind)
    return str(schema.get("type", "any"))


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]

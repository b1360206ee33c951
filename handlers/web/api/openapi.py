"""The OpenAPI document, made from the table of routes."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from handlers.web.api import ingesting
from handlers.web.api.ingesting import Received
from handlers.web.api.models import Model
from handlers.web.api.refusals import show_refusals
from handlers.web.api.route import Route
from services.session_identities import CSRF_HEADER

Json = dict[str, Any]
VERSION = "1"
_REF = "#/components/schemas/{model}"
_ANSWERS: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "A parameter or the form of the body makes no sense.",
    HTTPStatus.UNAUTHORIZED: "There is no working API key in the request.",
    HTTPStatus.FORBIDDEN: "The key has not the scope that this needs, or who is signed in not the role, or the plan "
    "covers no further AWS account.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or it belongs to another tenant.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not arrive in time.",
    HTTPStatus.CONFLICT: "Somebody was faster, or the Idempotency-Key stands for another request, or it lacks here.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not plain JSON.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The body is JSON, but not what is asked for.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests with this key, or from this address without one; `Retry-After` "
    "says when to go on.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An error in dd0c/cost.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something behind dd0c/cost did not answer; `Retry-After` says when to try again.",
}
_ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_WITH_BODY = (
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
# What is below /v1/ for others than customers' programs; the document has everything else there.
FOR_OTHERS: Mapping[str, str] = {
    "/v1/slack/": "Slack itself, and browsers that install the app",
    "/v1/sign-in/": "browsers that come back from a provider",
    "/v1/stripe/": "Stripe",
    "/v1/charts/": "Slack, which fetches pictures at addresses that we signed",
    "/v1/openapi.json": "whoever reads this document",
    "/v1/reference": "people who read it",
}
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Under the same key the same request takes effect once and is answered the same for a day.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


class ProblemShown(Model):
    """A refusal (RFC 9457). `hint` says what to do, `upgrade_url` where to if the plan covers no further account."""

    type: str
    title: str
    status: int
    detail: str
    hint: str
    upgrade_url: str = Field(default="", description="A page that leads an admin to the checkout.")


def document(routes: Sequence[Route]) -> Json:
    """Give the document as JSON values."""
    schemas = _Schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    paths[ingesting.PATH] = {"post": ingesting.operation(schemas.of_answer(Received), schemas.of_answer(ProblemShown))}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dd0c/cost",
            "version": VERSION,
            "description": "Catches expensive AWS mistakes minutes after they happen. All times are UTC, all costs "
            "list prices in USD. A browser that is signed in may send its session's cookie instead of an API key, with "
            f"that session's token in `{CSRF_HEADER}`. Not described here, since no API key opens them: {_others()}.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"apiKey": []}],
        "tags": [
            *({"name": tag, "description": _description(tag, routes)} for tag in _tags(routes)),
            {"name": ingesting.TAG, "description": inspect.getdoc(ingesting)},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, `dd0c_...`, "
                    "made on the page /settings, by `POST /v1/api-keys`, or by `dd0c keys create`.",
                }
            },
        },
    }


def _others() -> str:
    return ", ".join(f"`{place}` ({whom})" for place, whom in FOR_OTHERS.items())


class _Schemas:
    """The JSON schemas of all models, under one name each."""

    def __init__(self, routes: Sequence[Route]) -> None:
        taken = [(route.body, "validation") for route in routes if route.body is not None]
        given = [(route.answer, "serialization") for route in routes if route.answer is not None]
        given += [(ProblemShown, "serialization"), (Received, "serialization")]
        unique: Any = list(dict.fromkeys([*taken, *given]))
        self._refs, definitions = models_json_schema(unique, ref_template=_REF)
        self.components: Json = definitions["$defs"]

    def of_body(self, model: type[BaseModel]) -> Json:
        """Refer to what comes in."""
        return self._refs[(model, "validation")]

    def of_answer(self, model: type[BaseModel]) -> Json:
        """Refer to what goes out."""
        return self._refs[(model, "serialization")]


def _operation(route: Route, schemas: _Schemas) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"{inspect.getdoc(route.handle)} Needs the scope `{route.scope.value}`.",
        "tags": [route.tag],
        "parameters": list(_parameters(route)),
        "responses": _responses(route, schemas),
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas.of_body(route.body)}},
        }
    return operation


def _parameters(route: Route) -> Iterator[Json]:
    schema = route.params.model_json_schema()
    definitions = schema.get("$defs", {})
    for name, field in schema.get("properties", {}).items():
        in_path = name in route.path_names
        inlined = _inlined(field, definitions)
        yield {
            "name": name,
            "in": "path" if in_path else "query",
            "required": in_path or name in schema.get("required", ()),
            **({"description": inlined.pop("description")} if "description" in inlined else {}),
            "schema": inlined,
        }
    if route.method == "POST":
        yield _IDEMPOTENCY_KEY


def _inlined(field: Json, definitions: Mapping[str, Json]) -> Json:
    """Put what is referred to in its place; a parameter that is not given is left out, and never null."""
    if "$ref" in field:
        return {**definitions[field["$ref"].rsplit("/", 1)[1]], **{k: v for k, v in field.items() if k != "$ref"}}
    if "anyOf" in field:
        [kind] = [one for one in field["anyOf"] if one != {"type": "null"}]
        others = {key: value for key, value in field.items() if key not in {"anyOf", "default"}}
        return _inlined({**kind, **others}, definitions)
    if "items" in field:
        return {**field, "items": _inlined(field["items"], definitions)}
    return dict(field)


def _responses(route: Route, schemas: _Schemas) -> Json:
    problems = [*_ALWAYS, *_more_problems(route)]
    refused = {status: _ANSWERS[status] for status in sorted(problems)}
    return {**_success(route, schemas), **show_refusals(refused, schemas.of_answer(ProblemShown))}


def _success(route: Route, schemas: _Schemas) -> Json:
    if route.stream:
        file = {route.media_type: {"schema": {"type": "string"}}}
        return {"200": {"description": route.summary, "content": file}}
    if route.answer is None:
        return {"204": {"description": "Done."}}
    shown = {"application/json": {"schema": schemas.of_answer(route.answer)}}
    return {str(route.status.value): {"description": inspect.getdoc(route.answer), "content": shown}}


def _more_problems(route: Route) -> Iterator[HTTPStatus]:
    if route.path_names or route.method == "POST":
        yield HTTPStatus.NOT_FOUND
    if route.body is not None:
        yield from _WITH_BODY
    if route.method != "GET" or route.stream:
        yield HTTPStatus.CONFLICT


def _tags(routes: Sequence[Route]) -> list[str]:
    return list(dict.fromkeys(route.tag for route in routes))


def _description(tag: str, routes: Sequence[Route]) -> str:
    """A resource says of itself what it is, at the top of its file."""
    module = inspect.getmodule(next(route.handle for route in routes if route.tag == tag))
    return inspect.getdoc(module) or ""

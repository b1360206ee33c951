"""From an HTTP request to what a route asks for; what does not fit is refused with a hint."""

import asyncio
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from handlers.web.api.route import Route
from handlers.web.problems import Problem

LARGEST_BODY = 64 * 1024
_BODY_SECONDS = 15.0
_PIECE = 2**14
_LONGEST_SAID = 200
_JSON = "application/json"
_DOCUMENT = "The document at /v1/openapi.json says what fits; /v1/reference shows it to people."


async def read_body(request: web.Request, most: int = LARGEST_BODY) -> bytes:
    """Read the body, and no more of it than is allowed."""
    pieces = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for piece in request.content.iter_chunked(_PIECE):
                pieces += piece
                if len(pieces) > most:
                    raise Problem(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        f"The body has more than {most // 1024} KB.",
                        "Send less at a time.",
                    )
    except TimeoutError:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT, f"The body did not arrive in {_BODY_SECONDS:.0f} s.", "Send it again."
        ) from None
    return bytes(pieces)


def parse_params(route: Route, request: web.Request) -> BaseModel:
    """Read path and query. What is repeated becomes a list where a list is asked for."""
    given: dict[str, object] = dict(request.match_info)
    for name in dict.fromkeys(request.query):
        values = request.query.getall(name)
        if name in route.path_names:
            raise Problem(HTTPStatus.BAD_REQUEST, f"{name} stands in the path.", "Leave it out behind the `?`.")
        given[name] = values if len(values) > 1 or _is_list(route.params, name) else values[0]
    try:
        return route.params.model_validate(given)
    except ValidationError as error:
        in_path = any(fault["loc"][:1] and fault["loc"][0] in route.path_names for fault in error.errors())
        status = HTTPStatus.NOT_FOUND if in_path else HTTPStatus.BAD_REQUEST
        raise Problem(status, _faults(error, route.params), _DOCUMENT) from None


def parse_body(route: Route, request: web.Request, body: bytes) -> BaseModel | None:
    """Read a JSON object; a route without one takes none."""
    if route.body is None:
        if body:
            raise Problem(HTTPStatus.BAD_REQUEST, "This takes no body.", "Send it without one.")
        return None
    if request.content_type != _JSON or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body is not plain JSON.",
            f"Send JSON that is not packed, with the header `Content-Type: {_JSON}`.",
        )
    try:
        return route.body.model_validate_json(body)
    except ValidationError as error:
        malformed = any(fault["type"] == "json_invalid" for fault in error.errors())
        status = HTTPStatus.BAD_REQUEST if malformed else HTTPStatus.UNPROCESSABLE_ENTITY
        raise Problem(status, _faults(error, route.body), _DOCUMENT) from None


def _is_list(params: type[BaseModel], name: str) -> bool:
    field = params.model_fields.get(name)
    return field is not None and str(field.annotation).startswith(("list", "tuple"))


def _faults(error: ValidationError, model: type[BaseModel]) -> str:
    """Say what is wrong and where, without repeating what was sent: there may be secrets in it."""
    said = [f"{'.'.join(map(str, fault['loc'])) or 'The body'}: {_fault(fault, model)}" for fault in error.errors()[:5]]
    return "; ".join(said)[: 5 * _LONGEST_SAID]


def _fault(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """What a field is for says more to people than the pattern it must match."""
    if fault["type"] != "string_pattern_mismatch":
        return fault["msg"].removeprefix("Value error, ")
    field = model.model_fields.get(str(fault["loc"][0])) if fault["loc"] else None
    return f"This is not written as it must be. {(field and field.description) or ''}".rstrip()

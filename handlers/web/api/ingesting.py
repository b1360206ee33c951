"""Records pushed by programs: the one route whose body is CloudTrail's, plain or gzipped, and not JSON of ours."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import Field

from handlers.web.api.models import Model
from handlers.web.api.refusals import show_refusals

PATH: Final = "/v1/ingest"
TAG: Final = "ingesting"
# How such a request may be refused.
REFUSALS: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The archive is broken, or no CloudTrail record could be read in the body.",
    HTTPStatus.UNAUTHORIZED: "There is no working API key in the request.",
    HTTPStatus.FORBIDDEN: "The key has not the scope `write`.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not arrive in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "More than 10 MB as sent, or too much once unpacked.",
    HTTPStatus.TOO_MANY_REQUESTS: "Two batches of the tenant are in work, or too many came without a key; "
    "`Retry-After` says when to go on.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An error in dd0c/cost.",
    HTTPStatus.SERVICE_UNAVAILABLE: "It cannot be kept now; `Retry-After` says when to send it again.",
}
_DESCRIPTION = (
    "Log files, JSON Lines, EventBridge envelopes or LookupEvents pages. Until the answer is 202 nothing is promised: "
    "send the same batch again. A record that comes twice counts once. Needs the scope `write`."
)
_KINDS = ("application/json", "application/x-ndjson", "application/gzip", "application/octet-stream")


class Received(Model):
    """What became of a batch. All that is kept or irrelevant need not be sent again."""

    kept: int = Field(description="Records that are durable now, and judged soon.")
    irrelevant: int = Field(description="Records that say nothing of cost.")
    unknown: int = Field(description="Records of accounts that are not connected here; they are not kept.")
    malformed: int = Field(description="Pieces in which no record could be read.")
    unknown_accounts: list[str] = Field(description="The first of those accounts.")
    problems: list[str] = Field(description="The first things that were wrong, in words.")


def operation(answer: Mapping[str, Any], problem: Mapping[str, Any]) -> dict[str, Any]:
    """Give the route as OpenAPI has it; ``answer`` and ``problem`` are the schemas of both."""
    taken = {"description": Received.__doc__, "content": {"application/json": {"schema": answer}}}
    return {
        "operationId": "ingest",
        "summary": "Push CloudTrail records.",
        "description": _DESCRIPTION,
        "tags": [TAG],
        "parameters": [],
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _KINDS},
        },
        "responses": {"202": taken, **show_refusals(REFUSALS, problem)},
    }

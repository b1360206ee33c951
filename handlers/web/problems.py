"""Refusals that programs can read: RFC 9457 problem details, with a hint at what to do."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web


class Problem(Exception):
    """Ends a request with problem details."""

    def __init__(self, status: HTTPStatus, detail: str, hint: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        """Give the answer to send."""
        body = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "hint": self.hint,
        }
        return web.Response(
            status=self.status, text=json.dumps(body), content_type="application/problem+json", headers=self.headers
        )


def unavailable(detail: str, retry_after: int) -> Problem:
    """A refusal that passes by itself; ``retry_after`` is in seconds."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        detail,
        "Nothing is lost: send the same request again later.",
        headers={"Retry-After": str(retry_after)},
    )

"""Refusals that programs can read: RFC 9457 problem details, with a hint at what to do."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web


class Problem(Exception):
    """Ends a request with problem details; ``more`` are further members of them."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        hint: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self) -> web.Response:
        """Give the answer to send."""
        body = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "hint": self.hint,
            **self.more,
        }
        return web.Response(
            status=self.status, text=json.dumps(body), content_type="application/problem+json", headers=self.headers
        )


def not_recognised() -> Problem:
    """A request without a working API key."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "There is no working API key in this request.",
        "Send the header `Authorization: Bearer dd0c_...`. Admins make keys on the page /settings; whoever runs "
        "the bot makes them with `dd0c keys create`, too.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def unavailable(detail: str, retry_after: int) -> Problem:
    """A refusal that passes by itself; ``retry_after`` is in seconds."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        detail,
        "Nothing is lost: send the same request again later.",
        headers={"Retry-After": str(retry_after)},
    )

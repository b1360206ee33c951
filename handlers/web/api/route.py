"""What a route is: everything the server and the OpenAPI document must know of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec
from pydantic import BaseModel

from engine.models.api_key import Scope
from engine.models.identity import Identity
from engine.roles import Deed
from handlers.web.api.models import Nothing
from handlers.web.api.services import ApiServices

ParamsT = TypeVar("ParamsT", bound=BaseModel)
BodyT = TypeVar("BodyT", bound=BaseModel)


class Call(msgspec.Struct, Generic[ParamsT, BodyT], frozen=True):
    """A request that was let in and understood.

    ``params`` are those of path and query. ``seed`` is where ids and secrets of what is made come from.
    """

    identity: Identity
    params: ParamsT
    body: BodyT
    seed: bytes

    @property
    def tenant_id(self) -> str:
        """Whose data this is about, and no other's."""
        return self.identity.tenant_id

    @property
    def subject(self) -> str:
        """Who is recorded as having done it."""
        return self.identity.subject


class Stream(msgspec.Struct, frozen=True):
    """An answer that is sent as it is made. Where it breaks off, the connection does."""

    lines: AsyncIterator[bytes]
    filename: str


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path.

    ``params`` names those of the path as the path does, all others come from the query. ``answer`` is None where the
    answer has no body. ``tags`` groups routes in the document. A ``stream`` is sent line by line, as its
    ``media_type`` says.
    """

    method: str
    path: str
    summary: str
    handle: Callable[[ApiServices, Call[Any, Any]], Awaitable[BaseModel | Stream | None]]
    tag: str
    scope: Scope
    deed: Deed
    params: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: HTTPStatus = HTTPStatus.OK
    stream: bool = False
    media_type: str = "application/jsonl"

    @property
    def name(self) -> str:
        """How programs made from the document call it."""
        return self.handle.__name__

    @property
    def path_names(self) -> tuple[str, ...]:
        """The parameters that stand in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

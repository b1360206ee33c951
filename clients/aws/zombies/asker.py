"""Asks one Region of one account: paged, paced, and never too much at once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from clients.aws.acting import ActingClient
from clients.aws.errors import is_gone, translated
from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from engine.errors import Rejected, Unavailable
from engine.models.account import AwsAccount

Answer = dict[str, Any]
_Told = TypeVar("_Told")


class Seen(msgspec.Struct):
    """What later families of a Region need of earlier ones; None where it could not be read."""

    instances: dict[str, datetime | None] | None = None
    """Since when each stopped instance is, None for what runs."""
    images_used: set[str] | None = None
    eks_instances: dict[str, int] | None = None
    images: set[str] | None = None
    tags: Mapping[str, Mapping[str, str]] = {}


class Bounds(msgspec.Struct, frozen=True):
    """How fast AWS may be asked, and how many calls of one scan wait at once over all its Regions."""

    pacer: Pacer
    places: asyncio.Semaphore


class Asker:
    """Calls of one scan in one Region."""

    def __init__(self, roles: Roles, bounds: Bounds, account: AwsAccount, region: str, now: datetime) -> None:
        self._roles = roles
        self._bounds = bounds
        self.account = account
        self.region = region
        self.now = now
        self.seen = Seen()
        self._open = AsyncExitStack()
        self._clients: dict[str, asyncio.Task[ActingClient]] = {}

    async def __aenter__(self) -> "Asker":
        """Clients are kept open until the Region is done: making one costs more than most calls."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        await asyncio.gather(*self._clients.values(), return_exceptions=True)
        await self._open.aclose()

    async def _client(self, service: str, doing: str) -> ActingClient:
        if service not in self._clients:
            self._clients[service] = asyncio.ensure_future(self._connect(service, doing))
        return await asyncio.shield(self._clients[service])

    async def _connect(self, service: str, doing: str) -> ActingClient:
        return await self._open.enter_async_context(self._roles.acting(self.account, service, self.region, doing=doing))

    async def call(self, service: str, operation: str, **parameters: Any) -> Answer:
        """Make one call. Raises the errors of ``engine.errors``."""
        doing = f"{service} {operation} in {self.region} of account {self.account.account_id}"
        async with self._bounds.places:
            # AWS counts calls by service, so services do not wait for each other.
            await self._bounds.pacer.wait(self.account.account_id, f"{self.region}/{service}")
            async with translated(doing):
                client = await self._client(service, doing)
                answer: Answer = await client.call(operation, **parameters)
                return answer

    async def pages(
        self, service: str, operation: str, key: str, *, follow: str = "NextToken", asked: str = "", **parameters: Any
    ) -> AsyncGenerator[list[Any], None]:
        """Yield what stands under ``key``, page by page; ``asked`` is how requests call ``follow``."""
        while True:
            answer = await self.call(service, operation, **parameters)
            yield list(answer.get(key) or [])
            following = answer.get(follow)
            if not following:
                return
            if following == parameters.get(asked or follow):
                raise ValueError("page after page is the same")
            parameters[asked or follow] = following

    async def all_of(self, service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
        """All pages in one list, for what never is much."""
        return [one async for page in self.pages(service, operation, key, **parameters) for one in page]

    def tags_of(self, arn: str) -> Mapping[str, str]:
        """The tags of what has no tags in its own description."""
        return self.seen.tags.get(arn, {})


def tags_in(listed: list[Mapping[str, str]] | None) -> Mapping[str, str]:
    """Tags as EC2 and others list them.

    >>> tags_in([{"Key": "Name", "Value": "web"}])
    {'Name': 'web'}
    """
    return {one.get("Key", ""): one.get("Value", "") for one in listed or []}


def require_seen(region: str, noted: object, what: str) -> None:
    """Raise Unavailable where an earlier family could not be read: what needs it is not seen whole either."""
    if noted is None:
        raise Unavailable(f"{what} in {region} could not be seen, and this cannot be judged without.", code="unseen")


async def those_there(asked: Iterable[Awaitable[_Told]]) -> list[_Told]:
    """What is told of single resources, asked side by side; one that went after it was listed is left out."""
    told = await asyncio.gather(*(_told_if_there(one) for one in asked))
    return [one for one in told if one is not None]


async def _told_if_there(asked: Awaitable[_Told]) -> _Told | None:
    try:
        return await asked
    except Rejected as error:
        if is_gone(error):
            return None
        raise

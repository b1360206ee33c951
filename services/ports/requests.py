"""What the API remembers of requests, and what it hands out."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Any, Protocol

from engine.models.idempotency import IdempotentRequest


class Requests(Protocol):
    """Requests with an idempotency key."""

    async def begin(self, tenant_id: str, request: IdempotentRequest) -> IdempotentRequest | None:
        """Keep a request that is new, and give None; give the one that is there already under its key."""
        ...

    async def take_over(self, tenant_id: str, found: IdempotentRequest, until: datetime) -> bool:
        """Claim a request whose worker is gone; False when somebody else was faster."""
        ...

    async def finish(self, tenant_id: str, subject: str, key: str, answer: str) -> None:
        """Keep the answer."""
        ...

    async def let_go(self, tenant_id: str, subject: str, key: str, now: datetime) -> None:
        """End the claim, so that the request may be taken up again at once."""
        ...

    async def forget(self, tenant_id: str, subject: str, key: str) -> None:
        """Drop a request that had no effect."""
        ...


class Seal(Protocol):
    """Makes text unreadable to whoever has not the key, and readable again."""

    def seal(self, secret: str, bound_to: str) -> str: ...

    def unseal(self, sealed: str, bound_to: str) -> str:
        """Raise UpstreamError when it does not open."""
        ...


# Gives the seal that only whoever presents this credential can open.
SealFor = Callable[[str], Seal]


class Exports(Protocol):
    """All that is kept of a tenant."""

    def stream(self, tenant_id: str) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
        """(collection, document) of everything, without what nobody may see again: tokens, hashes of keys, secrets."""
        ...

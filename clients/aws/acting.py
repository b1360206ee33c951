"""SDK clients that many roles share: each call is signed by the role it is made for.

Opening a client costs tens of milliseconds and new connections, and a thousand accounts are polled in the same few
Regions. So there is one client for each service and Region while somebody uses it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any

from aiobotocore.credentials import AioCredentials

from clients.aws.shared_client import SharedClient

OpenClient = Callable[[str, str], AbstractAsyncContextManager[Any]]

_acting: ContextVar[AioCredentials] = ContextVar("acting")


class ActingClient:
    """One role's view of a shared client."""

    def __init__(self, client: Any, credentials: AioCredentials) -> None:
        self._client = client
        self._credentials = credentials

    async def call(self, operation: str, **parameters: Any) -> Any:
        """Make one call, such as ``lookup_events``, as the role; raises what the SDK raises."""
        token = _acting.set(self._credentials)
        try:
            return await getattr(self._client, operation)(**parameters)
        finally:
            _acting.reset(token)


class ActingClients:
    """Clients by service and Region; ``open_client`` makes one."""

    def __init__(self, open_client: OpenClient) -> None:
        self._open_client = open_client
        self._clients: dict[tuple[str, str], SharedClient] = {}

    @asynccontextmanager
    async def use(
        self, service: str, region: str, credentials: AioCredentials, doing: str
    ) -> AsyncIterator[ActingClient]:
        """Give a client that acts with these credentials; ``doing`` is for the error when none can be opened."""
        async with self._shared(service, region).use(doing) as client:
            yield ActingClient(client, credentials)

    def _shared(self, service: str, region: str) -> SharedClient:
        async def open_one() -> AbstractAsyncContextManager[Any]:
            return self._opened(service, region)

        return self._clients.setdefault((service, region), SharedClient(open_one))

    @asynccontextmanager
    async def _opened(self, service: str, region: str) -> AsyncIterator[Any]:
        async with self._open_client(service, region) as client:
            client.meta.events.register("before-sign", _sign_as_acting_role)
            yield client


def _sign_as_acting_role(request: Any, **_others: Any) -> None:
    """Replace the credentials the client was opened with, which are the bot's own.

    A call that was made past ``ActingClient`` must not be signed as the bot, so it ends here, with a LookupError.
    """
    request.context["signing"] = {**request.context.get("signing", {}), "request_credentials": _acting.get()}

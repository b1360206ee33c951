"""Resolves names that a customer chose: they must not lead into the network the bot stands in."""

import socket
from collections.abc import Callable
from typing import Protocol

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from engine.public_addresses import is_public

MayCall = Callable[[str], bool]


class Forbidden(OSError):
    """The name leads into a network that is not called."""


class Resolver(Protocol):
    """What tells the addresses of a name."""

    async def resolve(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]: ...


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those that lead anywhere else than the public internet.

    What is checked is what is connected to: the addresses go from here straight to the socket, so a name that answers
    differently the next time gains nothing. An address in figures meets no resolver: callers look at it themselves.
    """

    def __init__(self, may_call: MayCall = is_public, resolver: Resolver | None = None) -> None:
        self._may_call = may_call
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the addresses of a name. Raises Forbidden, an OSError, when any one of them may not be called."""
        found = await self._resolver.resolve(host, port, family)
        if not all(self._may_call(one["host"]) for one in found):
            raise Forbidden(f"{host} leads into a private network, which is not called.")
        return found

    async def close(self) -> None:
        """Nothing is held open."""

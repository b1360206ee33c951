"""Who sends a request."""

from collections.abc import Mapping
from typing import Protocol

from engine.models.identity import Identity


class AuthProvider(Protocol):
    """One way to show who one is: an API key, a session."""

    async def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Give who sends these headers, or None when they say nothing that this way of knowing accepts."""
        ...

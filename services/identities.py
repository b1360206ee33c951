"""Who sends a request, by what it carries."""

from collections.abc import Mapping, Sequence

from engine.models.account import Role
from engine.models.identity import Identity
from services.keys import Keys
from services.ports.identity import AuthProvider

_SCHEME = "bearer"


class KeyIdentities:
    """Programs, by the API key in ``Authorization: Bearer``."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Give whose key this is. Raises UpstreamError when the database is away."""
        scheme, _, word = headers.get("Authorization", "").partition(" ")
        word = word.strip()
        key = await self._keys.recognise(word) if scheme.lower() == _SCHEME else None
        if key is None:
            return None
        return Identity(
            tenant_id=key.tenant_id,
            subject=f"key:{key.key_id}",
            role=Role.ADMIN,  # Who made the key chose its scopes, and they say all that it may.
            scopes=frozenset(key.scopes),
            credential=word,
        )


class AnyIdentity:
    """Several ways to know somebody; the first that does wins."""

    def __init__(self, providers: Sequence[AuthProvider]) -> None:
        self._providers = providers

    async def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Give who it is, or None when no way knows them."""
        for provider in self._providers:
            if (found := await provider.identify(headers)) is not None:
                return found
        return None

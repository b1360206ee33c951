"""An issuer's description and its keys, kept for a while; a key nobody knows yet is looked for, but not often."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key

from clients.identity.web import fetch_json
from engine.errors import AccessDenied, Unavailable

_KEPT = timedelta(hours=1)
_NOT_OFTENER = timedelta(minutes=1)


class Description(msgspec.Struct, frozen=True):
    """Where an issuer does what. What it does not say about a client's secret has the standard's own default."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class IssuerKeys:
    """One issuer's."""

    def __init__(self, session: aiohttp.ClientSession, issuer: str, clock: Callable[[], datetime]) -> None:
        self._session = session
        self._issuer = issuer
        self._clock = clock
        self._described: Description | None = None
        self._keys = KeySet([])
        self._described_at = self._read_at = clock() - _KEPT - _KEPT

    async def describe(self) -> Description:
        """What the issuer says of itself. Raises Unavailable when it says it badly, or of somebody else."""
        now = self._clock()
        if self._described is None or now - self._described_at > _KEPT:
            address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            said = await fetch_json(self._session, "GET", address)
            self._described = _description(said, self._issuer)
            self._described_at = now
        return self._described

    async def find(self, token: str) -> KeySet:
        """Keys with which this token can be checked. Raises AccessDenied for what is no token, UpstreamError."""
        kid = _kid(token)
        now = self._clock()
        known = kid in {key.kid for key in self._keys.keys}
        if now - self._read_at > (_KEPT if known else _NOT_OFTENER):
            described = await self.describe()
            self._keys = _key_set(await fetch_json(self._session, "GET", described.jwks_uri))
            self._read_at = now
        return self._keys


def _description(said: dict[str, Any], issuer: str) -> Description:
    try:
        described = msgspec.convert(said, Description)
    except msgspec.ValidationError as error:
        raise Unavailable(f"The identity provider describes itself badly: {error}.", code="bad_issuer") from error
    if described.issuer.rstrip("/") != issuer.rstrip("/"):
        raise Unavailable("The identity provider describes another issuer than the one that is set.", code="bad_issuer")
    return described


def _key_set(said: dict[str, Any]) -> KeySet:
    """Those that can be read: an issuer may have keys of kinds that nobody knows yet, beside the one it signs with."""
    listed = said.get("keys")
    keys = [key for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict) for key in _key(one)]
    if not keys:
        raise Unavailable("The identity provider's keys cannot be read.", code="bad_issuer")
    return KeySet(keys)


def _key(said: dict[str, Any]) -> list[Key]:
    try:
        return [import_key(said)]
    except (JoseError, KeyError, TypeError, ValueError):
        return []


def _kid(token: str) -> str:
    try:
        return str(jws.extract_compact(token.encode()).headers().get("kid", ""))
    except (JoseError, ValueError) as error:
        raise AccessDenied("The provider's answer is no token. Sign in again.", code="bad_id_token") from error

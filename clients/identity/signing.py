"""Cookies that we signed: compact JWS with HS256, under keys that can be changed without signing anybody out."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_ALGORITHM = "HS256"
_LONGEST = 4096


class CookieSigner:
    """``keys`` by their versions, the newest last: it signs, all are good for reading."""

    def __init__(self, keys: Mapping[str, bytes], clock: Callable[[], datetime]) -> None:
        self._keys = {version: OctKey.import_key(key) for version, key in keys.items()}
        self._newest = list(keys)[-1]
        self._clock = clock

    def sign(self, claims: Mapping[str, str | int]) -> str:
        """Give the claims with a signature; ``exp`` among them is when they end, in seconds since 1970."""
        header = {"alg": _ALGORITHM, "kid": self._newest}
        return jws.serialize_compact(header, json.dumps(claims), self._keys[self._newest], [_ALGORITHM])

    def read(self, token: str) -> Mapping[str, str] | None:
        """The claims, or None for what we did not sign, or what is over."""
        if len(token) > _LONGEST or not token.isascii():
            return None
        try:
            header = jws.extract_compact(token.encode()).headers()
            signed = jws.deserialize_compact(token, self._keys[str(header.get("kid"))], [_ALGORITHM])
            claims = json.loads(signed.payload)
        except (JoseError, KeyError, ValueError, RecursionError):
            return None
        if not isinstance(claims, dict) or self._is_over(claims.get("exp")):
            return None
        return {name: value for name, value in claims.items() if isinstance(value, str)}

    def _is_over(self, seconds: object) -> bool:
        return not isinstance(seconds, int) or seconds <= self._clock().timestamp()

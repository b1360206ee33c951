"""Secrets at rest: AES-256-GCM, and in front of each the version of the key that sealed it."""

import base64
import binascii
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import InvalidSetting, UpstreamError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_SEPARATOR = "."

RandomBytes = Callable[[int], bytes]


class Cipher:
    """Seals with the newest key and opens with any of them. ``keys`` are by version, the newest last.

    What is sealed is bound to its place by ``bound_to``: a secret that was moved to another document does not open.
    """

    def __init__(self, keys: Mapping[str, bytes], random_bytes: RandomBytes) -> None:
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = list(keys)[-1]
        self._random_bytes = random_bytes

    def seal(self, secret: str, bound_to: str) -> str:
        """Give ``version.base64(nonce + ciphertext + tag)``; twice the same secret is sealed differently."""
        nonce = self._random_bytes(_NONCE_BYTES)
        sealed = nonce + self._keys[self._newest].encrypt(nonce, secret.encode(), bound_to.encode())
        return f"{self._newest}{_SEPARATOR}{base64.b64encode(sealed).decode()}"

    def unseal(self, sealed: str, bound_to: str) -> str:
        """Open what ``seal`` gave. Raises UpstreamError when its key is not here or it was changed on the way."""
        version, _, text = sealed.partition(_SEPARATOR)
        key = self._keys.get(version)
        if key is None:
            raise UpstreamError(
                f"A stored secret was sealed with the key {version!r}, which DD0C_ENCRYPTION_KEYS does not have.",
                code="unknown_key",
            )
        try:
            data = base64.b64decode(text, validate=True)
            return key.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise UpstreamError(
                f"A stored secret does not open with the key {version!r}: it was changed, or the key is another one.",
                code="broken_secret",
            ) from error

    def is_current(self, sealed: str) -> bool:
        """Whether the newest key sealed this."""
        return sealed.partition(_SEPARATOR)[0] == self._newest


def parse_keys(text: str, setting: str = "DD0C_ENCRYPTION_KEYS") -> dict[str, bytes]:
    """Read ``v1:base64,v2:base64``; each key is 32 random bytes. Raises InvalidSetting, which quotes no key.

    >>> list(parse_keys("v1:" + "A" * 43 + "="))
    ['v1']
    """
    keys: dict[str, bytes] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        version, colon, encoded = part.partition(":")
        key = _decoded(encoded)
        if not colon or not version.isalnum() or len(key) != _KEY_BYTES:
            raise InvalidSetting(
                f"{setting} must look like v1:KEY or v1:KEY,v2:KEY, the newest last. "
                "`openssl rand -base64 32` makes a KEY."
            )
        if version in keys:
            raise InvalidSetting(f"{setting} names {version} twice. Give the newer key another version.")
        keys[version] = key
    return keys


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""

"""Ids and secrets that look like those of AWS and are the same in every run."""

import hashlib


def key_id(prefix: str, *parts: str) -> str:
    """An id of AWS's form that is always the same for the same parts.

    >>> key_id("AKIA", "111122223333", "maria")
    'AKIAWCL7C26OS2XFXOLV'
    """
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return prefix + "".join(alphabet[byte % 32] for byte in digest[:16])


def hex_id(*parts: str, length: int = 16) -> str:
    """Hexadecimal digits that are always the same for the same parts.

    >>> len(hex_id("111122223333", "Developer"))
    16
    """
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:length]


def secret(*parts: str) -> str:
    """A made-up secret of the right length."""
    return hex_id("secret", *parts, length=40)

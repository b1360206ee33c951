"""Seals that only whoever presents a credential can open: the database alone is not enough."""

import hmac
import os

from clients.cipher import Cipher

_PURPOSE = b"dd0c idempotency"


def seal_for(credential: str) -> Cipher:
    """Give the seal of a credential: it is 256 random bits, so one HMAC makes a key of it that nobody can try out."""
    return Cipher({"c1": hmac.digest(credential.encode(), _PURPOSE, "sha256")}, os.urandom)

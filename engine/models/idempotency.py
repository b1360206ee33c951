"""Requests that may come twice and must take effect once."""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered: the same is answered again."""

    status: int
    headers: Mapping[str, str]
    body: str


class IdempotentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request under its idempotency key, of one ``subject`` of a tenant.

    ``fingerprint`` is the SHA-256 of what was asked. ``seed`` (sealed) is where ids and secrets of its effects come
    from, so that taking it up again after a crash makes the same ones. Until ``claimed_until`` somebody works on it.
    ``answer`` (sealed) is empty until there is one; it is kept until ``expires_at``.
    """

    subject: str
    key: str
    fingerprint: str
    seed: str
    claimed_until: datetime
    expires_at: datetime
    answer: str = ""

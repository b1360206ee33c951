"""What stays of those who left."""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """Says that the data of an account was deleted, and how much: collection -> documents.

    One without an ``account_id`` stands for a whole tenant.
    """

    tenant_id: str
    account_id: str
    counts: Mapping[str, int]
    at: datetime

"""What digests and App Homes tell of idle resources."""

from datetime import datetime

import msgspec


class ZombieRow(msgspec.Struct, frozen=True, kw_only=True):
    """One idle resource in a list; ``monthly_cost`` is list USD a month, None where no price is known."""

    title: str
    resource_id: str
    account_name: str
    region: str
    monthly_cost: float | None
    name: str = ""


class ZombieWatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is idle now, the ``dearest`` few first, and what went away since a moment.

    ``monthly_cost`` and ``saved_usd`` are list USD a month; of ``unpriced`` resources no price is known.
    """

    count: int
    monthly_cost: float
    saved_since: datetime
    unpriced: int = 0
    dearest: tuple[ZombieRow, ...] = ()
    gone: int = 0
    saved_usd: float = 0.0

"""How a row gets into one sender's hands for a while, and into nobody else's."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from engine.models.delivery import Delivery, DeliveryState
from engine.models.post import Post
from store.codec import Document, clean, decode

RowT = TypeVar("RowT", Delivery, Post)

_UNSENT = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN)


def claimable_home(now: datetime, gap: timedelta) -> Document:
    """Return the filter for Homes that are due, free, and were not published within ``gap``."""
    return {
        "due_at": {"$lte": now},
        "$and": [
            {"$or": [{"claimed_until": None}, {"claimed_until": {"$lte": now}}]},
            {"$or": [{"published_at": None}, {"published_at": {"$lte": now - gap}}]},
        ],
    }


def claim_home(now: datetime, lease_seconds: float) -> Document:
    """Return the update that keeps others from a Home until the lease ends."""
    return {"$set": {"claimed_until": now + timedelta(seconds=lease_seconds)}}


def claim(now: datetime, lease_seconds: float) -> Document:
    """Return the update that puts a row into a sender's hands until the lease ends."""
    until = now + timedelta(seconds=lease_seconds)
    held = {"state": DeliveryState.SENDING.value, "claimed_at": now, "claimed_until": until}
    return {"$set": held, "$inc": {"claims": 1}}


def claimed(kind: type[RowT], before: Document) -> RowT:
    """Return a row as it was before a claim took it, with the number of that claim."""
    row = decode(kind, before)
    return msgspec.structs.replace(row, claims=row.claims + 1)


def claimable(now: datetime) -> Document:
    """Return what holds of a delivery that is due and in nobody's hands."""
    something_to_do = [{"state": DeliveryState.UNCERTAIN.value}, {"$expr": {"$gt": ["$wanted", "$shown"]}}]
    return {**unsent(now), "$and": [{"$or": something_to_do}]}


def of_others(tenant_ids: Collection[str]) -> Document:
    """Return the filter that leaves these tenants out."""
    return {"tenant_id": {"$nin": [clean(tenant_id) for tenant_id in tenant_ids]}} if tenant_ids else {}


def unsent(now: datetime) -> Document:
    """Return what holds of a row that is due, not sent, and in nobody's hands."""
    return {
        "state": {"$in": [state.value for state in _UNSENT]},
        "due_at": {"$lte": now},
        "$or": [{"claimed_until": None}, {"claimed_until": {"$lt": now}}],
    }

"""From what Stripe tells of a customer's subscriptions to those that pay for Pro."""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.entitlements import is_paid_for
from engine.models.billing import Subscription

_log = logging.getLogger(__name__)


def subscriptions_to(prices: Collection[str], listed: Sequence[dict[str, Any]]) -> list[Subscription]:
    """Read those that ask one of these prices, in any of the shapes of Stripe's newer versions.

    Any other was made by hand on Stripe's pages, for something that we know nothing of. It buys no plan, and its
    quantity is never touched; the log names it while it is paid for, since Pro may have been meant.
    """
    found = []
    for said in listed:
        items = (said.get("items") or {}).get("data") or []
        item = next((one for one in items if _price_of(one) in prices), None)
        if item is not None:
            found.append(_subscription(said, item))
        elif is_paid_for(said["status"]):
            _log.warning(
                "Stripe's subscription %s of customer %s buys no plan: DD0C_STRIPE_PRICE does not name its price %s",
                said["id"],
                said["customer"],
                ", ".join(map(_price_of, items)),
            )
    return found


def _price_of(item: dict[str, Any]) -> str:
    """The id of what an item asks; prices were called plans once, and kept their ids."""
    return str((item.get("price") or item.get("plan") or {}).get("id", ""))


def _subscription(said: dict[str, Any], item: dict[str, Any]) -> Subscription:
    """Read one; its period stood beside the items once, now in them."""
    return Subscription(
        subscription_id=said["id"],
        item_id=item["id"],
        status=said["status"],
        quantity=int(item.get("quantity") or 1),
        created_at=_moment(said["created"]),
        period_end=_maybe(item.get("current_period_end") or said.get("current_period_end")),
        ends_at=_maybe(said.get("cancel_at")),
    )


def _maybe(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

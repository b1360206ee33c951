"""What a cost event costs by the hour."""

from functools import lru_cache
from typing import Protocol

import msgspec

from engine.models.cost_event import Change, CostEvent
from engine.pricing.table import Rate

_FREE = Rate(usd_per_hour=0.0, provenance="list")
# `lambda/idle/...` is billed only while it is used; `sagemaker/template/...` only when something is made of it.
_FREE_WORDS = frozenset({"idle", "template"})
_LEAST_CERTAIN_FIRST = ("estimated", "seed", "list")


class Prices(Protocol):
    """Anything that knows rates; the packaged price table is one."""

    def rate(self, sku: str, region: str) -> Rate | None:
        """Give the list price of one unit for an hour, None where it is not known."""
        ...


def estimate(cost_event: CostEvent, prices: Prices) -> CostEvent:
    """Add ``hourly_cost`` and ``price_source``; both stay None when any part of the usage has no known price.

    A stop has no cost of its own: what ends is priced from its start.

    >>> from engine.examples import FlatPrices, launch
    >>> from engine.models.cost_event import UsageItem
    >>> estimate(launch(usage=(UsageItem("ec2/m5.large", 3),), hourly_cost=None), FlatPrices()).hourly_cost
    3.0
    """
    if cost_event.change is Change.STOP or not cost_event.usage:
        return cost_event
    total, certainty = 0.0, len(_LEAST_CERTAIN_FIRST) - 1
    for item in cost_event.usage:
        rate = _FREE if _is_free(item.sku) else prices.rate(item.sku, cost_event.region)
        if rate is None:
            return cost_event
        total += rate.usd_per_hour * item.amount
        # A sum is only as certain as its least certain part.
        certainty = min(certainty, _LEAST_CERTAIN_FIRST.index(rate.provenance))
    return msgspec.structs.replace(cost_event, hourly_cost=total, price_source=_LEAST_CERTAIN_FIRST[certainty])


@lru_cache(4096)
def _is_free(sku: str) -> bool:
    return not _FREE_WORDS.isdisjoint(sku.split("/", 2)[1:2])

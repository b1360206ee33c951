"""What a cost event costs by the hour."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from engine.models.cost_event import Change, CostEvent, UsageItem
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
    >>> estimate(launch(usage=(UsageItem("ec2/m5.large", 3),), hourly_cost=None), FlatPrices()).hourly_cost
    3.0
    """
    if cost_event.change is Change.STOP or not cost_event.usage:
        return cost_event
    rates = [_rate(item, cost_event.region, prices) for item in cost_event.usage]
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates):
        return cost_event
    total = sum(rate.usd_per_hour * item.amount for rate, item in zip(known, cost_event.usage, strict=True))
    return msgspec.structs.replace(cost_event, hourly_cost=total, price_source=_least_certain(known))


def _rate(item: UsageItem, region: str, prices: Prices) -> Rate | None:
    is_free = not _FREE_WORDS.isdisjoint(item.sku.split("/", 2)[1:2])
    return _FREE if is_free else prices.rate(item.sku, region)


def _least_certain(rates: Iterable[Rate]) -> str:
    """A sum is only as certain as its least certain part."""
    provenances = {rate.provenance for rate in rates}
    return next(name for name in _LEAST_CERTAIN_FIRST if name in provenances)

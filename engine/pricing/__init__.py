"""List prices by SKU and Region, and what a cost event costs by them."""

from engine.pricing.estimate import Prices, estimate
from engine.pricing.table import PriceTable, Rate

__all__ = ["PriceTable", "Prices", "Rate", "estimate"]

"""AWS list prices: the packaged table, and refreshing it from AWS's public price list."""

from clients.prices.packaged import load_price_table

__all__ = ["load_price_table"]

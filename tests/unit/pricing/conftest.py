import pytest

from clients.prices import load_price_table
from engine.pricing.table import PriceTable


@pytest.fixture(scope="session")
def table() -> PriceTable:
    """The packaged price table."""
    return load_price_table()

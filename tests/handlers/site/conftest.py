"""Rooms to walk through."""

from collections.abc import AsyncIterator

import pytest

from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.handlers.site.house import House, opened
from tests.store.conftest import RETENTION_DAYS, fresh_database


@pytest.fixture
async def house() -> AsyncIterator[House]:
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    async with opened(store) as running:
        yield running


@pytest.fixture
async def real_house(mongod_uri: str) -> AsyncIterator[House]:
    """Where a write that comes twice is refused, and takes back what came with it."""
    async with fresh_database(mongod_uri) as database:
        store = Store(database, retention_days=RETENTION_DAYS)
        await store.ensure_indexes()
        async with opened(store) as running:
            yield running

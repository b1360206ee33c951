"""The API over a fresh database on the real mongod."""

from collections.abc import AsyncIterator

import pytest

from store.connect import Store
from tests.handlers.api.office import Office, served
from tests.store.conftest import RETENTION_DAYS, fresh_database


@pytest.fixture
async def api_store(mongod_uri: str) -> AsyncIterator[Store]:
    async with fresh_database(mongod_uri) as database:
        yield Store(database, retention_days=RETENTION_DAYS)


@pytest.fixture
async def office(api_store: Store) -> AsyncIterator[Office]:
    office = Office(api_store)
    await office.furnish()
    # The clock of the tests stands in the past, and the server would forget by its own.
    await api_store._database.idempotency.drop_index("system_expiry")  # noqa: SLF001 - no port forgets on demand
    async with served(office):
        yield office

"""A fresh database for each test, over the in-memory stand-in and over a real mongod."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from store.codec import Document
from store.connect import Store
from store.indexes import INDEXES
from tests.fixtures.memory import memory_database
from tests.store.samples import TENANT, account, tenant

# Long enough that no expiry meets the fixed dates of the tests.
RETENTION_DAYS = 36_500

Motor = AsyncIOMotorDatabase[Document]


# A hundred files are made for a database's indexes, so those that were emptied serve again.
_emptied: dict[str, list[str]] = defaultdict(list)


@asynccontextmanager
async def fresh_database(uri: str) -> AsyncIterator[Motor]:
    """An empty database on the real mongod that nobody else uses meanwhile; it may have its indexes already."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(uri, tz_aware=True, tzinfo=UTC, w="majority")
    database = client[_emptied[uri].pop() if _emptied[uri] else f"test-{uuid4().hex}"]
    try:
        yield database
        await _empty(database)
        _emptied[uri].append(database.name)
    finally:
        client.close()


async def _empty(database: Motor) -> None:
    async def empty(found: Mapping[str, Any]) -> None:
        is_as_we_make_it = found["name"] in INDEXES and not found["options"]
        await (database[found["name"]].delete_many({}) if is_as_we_make_it else database.drop_collection(found["name"]))

    await asyncio.gather(*[empty(found) async for found in await database.list_collections()])


@pytest.fixture
async def real_database(mongod_uri: str) -> AsyncIterator[Motor]:
    async with fresh_database(mongod_uri) as database:
        yield database


@pytest.fixture
async def real_store(real_database: Motor) -> Store:
    """A store with transactions, one tenant and one account."""
    return await furnished(Store(real_database, retention_days=RETENTION_DAYS))


@pytest.fixture(params=["mongomock", pytest.param("mongod", marks=pytest.mark.integration)])
def uri(request: pytest.FixtureRequest) -> str | None:
    """Where the database of a repository test is; None stands for memory."""
    return request.getfixturevalue("mongod_uri") if request.param == "mongod" else None


@pytest.fixture
async def store(uri: str | None) -> AsyncIterator[Store]:
    """A store with one tenant and one account, once in memory and once on the real mongod."""
    if uri is None:
        yield await furnished(Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS))
        return
    async with fresh_database(uri) as database:
        yield await furnished(Store(database, retention_days=RETENTION_DAYS))


async def furnished(store: Store) -> Store:
    await store.ensure_indexes()
    await store.tenants.save_tenant(tenant())
    await store.accounts.insert_account(TENANT, account())
    return store

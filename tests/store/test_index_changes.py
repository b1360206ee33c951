"""Indexes change forward only, once, whoever starts at the same time; no difference ever stops a start."""

import asyncio
import logging
from typing import Any

import pytest
from pymongo import ASCENDING, IndexModel

from store.database import Database
from store.index_changes import ensure_indexes
from tests.store.conftest import Motor

pytestmark = pytest.mark.integration
# No collection of ours: those keep their indexes from test to test.
COLLECTION = "something"


def index(*fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name="of_old", **options)


OLD = index("tenant_id", "at")
OTHERS = {
    "another key": index("tenant_id", "at", "kind"),
    "unique": index("tenant_id", "at", unique=True),
    "partial": index("tenant_id", "at", partialFilterExpression={"kind": {"$gt": ""}}),
    "another name": IndexModel([("tenant_id", ASCENDING), ("at", ASCENDING)], name="of_new"),
}


async def there(motor: Motor) -> list[dict[str, Any]]:
    """All indexes but the driver's, as their definitions."""
    found = [dict(one) async for one in motor[COLLECTION].list_indexes()]
    return [{**one, "key": list(one["key"].items())} | {"v": None} for one in found if one["name"] != "_id_"]


def meant(model: IndexModel) -> dict[str, Any]:
    return {**model.document, "key": list(model.document["key"].items()), "v": None}


async def start(motor: Motor, model: IndexModel, *former: IndexModel) -> None:
    database = Database(motor, transactions=True)
    await ensure_indexes(database, {COLLECTION: [model]}, {COLLECTION: former} if former else {})


@pytest.mark.parametrize("new", OTHERS.values(), ids=OTHERS)
async def test_an_index_that_is_defined_anew_takes_the_place_of_the_former(
    real_database: Motor, new: IndexModel
) -> None:
    await start(real_database, OLD)
    await real_database[COLLECTION].insert_one({"tenant_id": "t", "at": 1, "kind": "x"})
    for _ in range(2):
        await start(real_database, new, OLD)
        assert await there(real_database) == [meant(new)]
    assert await real_database[COLLECTION].count_documents({}) == 1


@pytest.mark.parametrize("new", OTHERS.values(), ids=OTHERS)
async def test_an_older_version_takes_nothing_back_and_starts(
    real_database: Motor, new: IndexModel, caplog: pytest.LogCaptureFixture
) -> None:
    await start(real_database, new, OLD)
    with caplog.at_level(logging.WARNING):
        await start(real_database, OLD)
    assert await there(real_database) == [meant(new)]
    assert "of_old of something is there with another definition" in caplog.text


async def test_a_version_in_between_drops_only_what_came_before_it(real_database: Motor) -> None:
    """It knows the first definition as a former one; what is there under the same name is of a version after it."""
    second, third = OTHERS["another key"], OTHERS["unique"]
    await start(real_database, third)
    await start(real_database, second, OLD)
    assert await there(real_database) == [meant(third)]


async def test_what_nothing_needs_any_more_is_dropped_and_others_are_made_all_the_same(real_database: Motor) -> None:
    await start(real_database, OLD)
    kept = IndexModel([("tenant_id", ASCENDING)], name="kept")
    await start(real_database, kept, OLD)
    assert await there(real_database) == [meant(kept)]
    other = IndexModel([("tenant_id", ASCENDING), ("kind", ASCENDING)], name="kept")
    more = IndexModel([("kind", ASCENDING)], name="more")
    await ensure_indexes(Database(real_database, transactions=True), {COLLECTION: [other, more]})
    assert await there(real_database) == [meant(kept), meant(more)]


async def test_any_number_may_start_at_once(real_database: Motor) -> None:
    for old, new in ((OLD, OTHERS["unique"]), (OTHERS["unique"], OLD)):
        await start(real_database, old)
        await asyncio.gather(*(start(real_database, new, old) for _ in range(6)))
        assert await there(real_database) == [meant(new)]

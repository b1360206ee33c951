"""The indexes of a database become those of this version: forward only, once, whoever else starts at the same time."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from store.codec import Document
from store.database import Database
from store.indexes import FORMER, INDEXES
from store.leases import Leases

_log = logging.getLogger(__name__)
# IndexOptionsConflict and IndexKeySpecsConflict: the same key or the same name is there, with something else.
_DEFINED_OTHERWISE = frozenset({85, 86})
_ABSENT = frozenset({26, 27})  # NamespaceNotFound, IndexNotFound
_LEASE = "index changes"
_LEASE_SECONDS = 60.0
_PAUSE_SECONDS = 0.25
_OF_THE_SERVER = frozenset({"v", "ns", "background"})

Indexes = Mapping[str, Iterable[IndexModel]]


async def ensure_indexes(database: Database, indexes: Indexes = INDEXES, former: Indexes = FORMER) -> None:
    """Drop those of ``former`` that are still there, and create what is missing, collections with it.

    Only what is exactly as ``former`` says is dropped, so that an older version, which does not know what came after
    it, takes nothing back. What is defined otherwise than any of both stays as it is, and the log says so.
    """
    await _drop(database, former)
    await asyncio.gather(*(_create(database, name, list(models)) for name, models in indexes.items()))


def defined(index: IndexModel) -> Document:
    """Name, key and options of an index, as they are compared."""
    return _comparable(index.document)


async def _drop(database: Database, former: Indexes) -> None:
    """One process at a time looks and drops: a second would drop what the first has made anew under the same name."""
    leases = Leases(database)
    while await _found(database, former):
        lease = await leases.acquire(_LEASE, "a starting process", _LEASE_SECONDS)
        if lease is None:
            await asyncio.sleep(_PAUSE_SECONDS)
            continue
        try:
            for collection, name in await _found(database, former):
                await database.motor[collection].drop_index(name)
                _log.info("index %s of %s was dropped: it is no longer what this version needs", name, collection)
        finally:
            await leases.release(lease)


async def _found(database: Database, former: Indexes) -> list[tuple[str, str]]:
    found = []
    for collection, models in former.items():
        past = [defined(model) for model in models]
        found += [(collection, one["name"]) for one in await _existing(database, collection) if one in past]
    return found


async def _existing(database: Database, collection: str) -> list[Document]:
    try:
        return [_comparable(one) async for one in database.motor[collection].list_indexes()]
    except OperationFailure as error:
        if error.code in _ABSENT:
            return []
        raise


async def _create(database: Database, collection: str, models: list[IndexModel]) -> None:
    try:
        await database.motor[collection].create_indexes(models)
    except OperationFailure as error:
        if error.code not in _DEFINED_OTHERWISE:
            raise
        for model in models:
            await _create_one(database, collection, model)


async def _create_one(database: Database, collection: str, model: IndexModel) -> None:
    try:
        await database.motor[collection].create_indexes([model])
    except OperationFailure as error:
        if error.code not in _DEFINED_OTHERWISE:
            raise
        _log.warning(
            "index %s of %s is there with another definition, perhaps of a later version, and stays as it is",
            model.document["name"],
            collection,
        )


def _comparable(definition: Mapping[str, Any]) -> Document:
    told = {name: value for name, value in definition.items() if name not in _OF_THE_SERVER}
    return {**told, "key": list(definition["key"].items())}

"""All that the database holds, out to a file and in again. For operators only: it knows no tenants."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure, PyMongoError

from engine.errors import InputError, Rejected
from store.backup_frames import end, frame, head
from store.database import Database
from store.errors import translate, translated

_BATCH = 500
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_TOO_OLD = {239, 246}  # SnapshotTooOld, SnapshotUnavailable
# Who leads and whose turn it is says nothing after a restart.
_LEFT_OUT = frozenset({"leases", "channel_turns"})


class Backup:
    """Reads everything as of one moment, and writes it into a database that holds nothing yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def frames(self) -> AsyncIterator[bytes]:
        """Give the file's content piece by piece, as of one moment, whoever writes meanwhile.

        Raises Rejected when reading took longer than MongoDB keeps that moment, which is five minutes unless told
        otherwise, and whatever else of ``engine.errors`` the database has to say.
        """
        counts: dict[str, int] = {}
        yield head()
        try:
            async with await self._database.motor.client.start_session(snapshot=True) as session:
                for name in await self._names():
                    counts[name] = 0
                    collection = self._database.motor.get_collection(name, codec_options=_RAW)
                    async for document in collection.find({}, session=session, batch_size=_BATCH):
                        counts[name] += 1
                        yield frame(name, document)
        except PyMongoError as error:
            if isinstance(error, OperationFailure) and error.code in _TOO_OLD:
                raise Rejected(
                    "Reading took longer than MongoDB keeps one moment. Raise its parameter "
                    "minSnapshotHistoryWindowInSeconds, or back up with the tools of whoever runs it."
                ) from error
            raise translate(error) from error
        yield end({name: count for name, count in counts.items() if count})

    @translated
    async def require_empty(self) -> None:
        """Raise InputError when there is anything in the database."""
        for name in await self._names():
            if await self._database.motor[name].find_one({}, {"_id": 1}) is not None:
                raise InputError(
                    f"The database is not empty ({name} holds something), and nothing was written. Name a new one with "
                    "DD0C_DATABASE, or drop this one."
                )

    @translated
    async def insert(self, documents: Iterable[tuple[str, RawBSONDocument]]) -> Mapping[str, int]:
        """Write documents as they come; gives how many of each collection."""
        counts: dict[str, int] = {}
        waiting: list[RawBSONDocument] = []
        current = ""
        for name, document in documents:
            if name != current or len(waiting) >= _BATCH:
                await self._flush(current, waiting)
                current, waiting = name, []
            waiting.append(document)
            counts[name] = counts.get(name, 0) + 1
        await self._flush(current, waiting)
        return counts

    async def _flush(self, name: str, documents: list[RawBSONDocument]) -> None:
        if documents:
            collection: Any = self._database.motor[name]
            await collection.insert_many(documents, ordered=False)

    async def _names(self) -> list[str]:
        found = await self._database.motor.list_collection_names()
        return sorted(name for name in found if not name.startswith("system.") and name not in _LEFT_OUT)

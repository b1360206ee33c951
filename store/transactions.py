"""All or nothing over several collections.

Motor's own ``with_transaction`` commits while it leaves its context manager, outside of its retry loop, so a commit
whose answer was lost is reported as an error there. This loop retries both the whole and the commit, as the driver
specification asks, and gives up after seconds instead of two minutes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TypeVar, cast

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from store.codec import Document

T = TypeVar("T")
Session = AsyncIOMotorClientSession

# Who lost a race tries again soon and often: of eight that write to one document, one gets through at a time.
_PAUSES_SECONDS = (0.01, 0.03, 0.1, *[0.2] * 10)
# An attempt may wait long for a new primary; no other one starts after this time.
_LAST_START_SECONDS = 15.0


async def run_in_transaction(client: AsyncIOMotorClient[Document], work: Callable[[Session], Awaitable[T]]) -> T:
    """Run ``work`` and commit what it did; it runs again after a write conflict or a change of primary.

    Raise the driver's error when that keeps happening, and whatever ``work`` raises, with nothing written.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _LAST_START_SECONDS
    async with await client.start_session() as session:
        for pause in _pauses(session):
            try:
                return await _attempt(session, work)
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError") or loop.time() > deadline:
                    raise
            await asyncio.sleep(pause)
        return await _attempt(session, work)


def _pauses(session: Session) -> list[float]:
    """Out of step with all others that wait for the same document; the session's id, which is random, says how far."""
    drawn: bytes = cast("Mapping[str, bytes]", session.session_id)["id"]
    return [pause * (0.5 + drawn[at % len(drawn)] / 255) for at, pause in enumerate(_PAUSES_SECONDS)]


async def _attempt(session: Session, work: Callable[[Session], Awaitable[T]]) -> T:
    session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"), ReadPreference.PRIMARY)
    try:
        result = await work(session)
    except BaseException:
        # A failing abort changes nothing: the server drops the transaction by itself, and the first error counts.
        with suppress(PyMongoError):
            await session.abort_transaction()
        raise
    await _commit(session)
    return result


async def _commit(session: Session) -> None:
    for pause in _PAUSES_SECONDS:
        try:
            return await session.commit_transaction()
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult"):
                raise
        await asyncio.sleep(pause)
    return await session.commit_transaction()

"""The database, for operator commands: the one that is named, or the bot's own, whether the bot runs or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.mongod import LocalMongod
from bot.settings import CoreSettings
from engine.errors import AccessDenied, InvalidSetting, Unavailable
from store.connect import Store, connect
from store.replica_set import ensure_primary

_RUNNING_BOT_ANSWERS_SECONDS = 2.0


@asynccontextmanager
async def operator_store(settings: CoreSettings) -> AsyncIterator[Store]:
    """Give a connected store, closed afterwards. Raises InvalidSetting and UpstreamError as the bot itself would."""
    if settings.mongodb_uri is not None:
        store = await connect(
            settings.mongodb_uri.get_secret_value(), settings.database, audit_keys=settings.signing_keys()
        )
        try:
            yield store
        finally:
            store.close()
        return
    if not settings.local_mongod:
        raise InvalidSetting("MONGODB_URI is not set. Name the bot's database there, or set DD0C_LOCAL_MONGOD=1.")
    async with _own_store(settings) as store:
        yield store


@asynccontextmanager
async def _own_store(settings: CoreSettings) -> AsyncIterator[Store]:
    """Join the mongod of a bot that runs; else start it for as long as the command takes."""
    mongod = LocalMongod(settings.data_dir.expanduser() / "mongod", ensure_primary=ensure_primary)
    store = await _join(mongod.last_uri, settings)
    if store is None:
        store = await connect(await mongod.start(), settings.database, audit_keys=settings.signing_keys())
    try:
        yield store
    finally:
        store.close()
        await mongod.stop()


@asynccontextmanager
async def running_store(settings: CoreSettings) -> AsyncIterator[Store | None]:
    """Give the store of the database that is named, or of a running bot's own; None where it cannot be used soon."""
    mongod = LocalMongod(settings.data_dir.expanduser() / "mongod", ensure_primary=ensure_primary)
    named = settings.mongodb_uri
    store = await _join(named.get_secret_value() if named is not None else mongod.last_uri, settings)
    try:
        yield store
    finally:
        if store is not None:
            store.close()


async def _join(uri: str | None, settings: CoreSettings) -> Store | None:
    if uri is None:
        return None
    try:
        return await connect(
            uri,
            settings.database,
            audit_keys=settings.signing_keys(),
            server_selection_seconds=_RUNNING_BOT_ANSWERS_SECONDS,
        )
    except (AccessDenied, InvalidSetting, Unavailable):
        return None

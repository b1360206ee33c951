"""MongoDB: whether it can be used, what was given up in it, and whether the secrets in it open."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.looks.sick import Sick
from bot.mongod import find_mongod, preflight
from bot.operator_store import running_store
from bot.sealing import build_access_keys, build_cipher
from bot.settings import CoreSettings
from engine.errors import UpstreamError
from store.connect import Store, connect

Row = TypeVar("Row")
_OLDEST_MONGODB = (5, 0)
_ANSWERS_SECONDS = 5.0


async def look_at_mongodb(settings: CoreSettings) -> str:
    """Look at the one that is named, or at what the bot's own needs, and into that if it runs."""
    if settings.mongodb_uri is None:
        return await _look_at_own(settings)
    uri = settings.mongodb_uri.get_secret_value()
    store = await connect(uri, settings.database, server_selection_seconds=_ANSWERS_SECONDS)
    try:
        version = await store.fetch_version()
        if tuple(map(int, version.split(".")[:2])) < _OLDEST_MONGODB:
            raise Sick(f"This is MongoDB {version}; the oldest that is supported is 5.0. Upgrade it.")
        await _look_inside(settings, store)
    finally:
        store.close()
    return f"{version}, with transactions"


async def _look_at_own(settings: CoreSettings) -> str:
    if not settings.local_mongod:
        raise Sick("MONGODB_URI is not set. Name the bot's database there, or set DD0C_LOCAL_MONGOD=1.")
    version = await preflight(find_mongod())
    _must_hold_files(settings.data_dir.expanduser() / "mongod")
    async with running_store(settings) as store:
        if store is not None:
            await _look_inside(settings, store)
    return f"the bot's own: {version}"


def _must_hold_files(folder: Path) -> None:
    """A folder that is not there yet must be possible to make. Nothing stays."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return
    except OSError as error:
        raise Sick(
            f"DD0C_DATA_DIR leads to {folder}, where no database can be kept ({error.strerror}: {there}). Name a "
            "folder that this user may write to."
        ) from error


async def _look_inside(settings: CoreSettings, store: Store) -> None:
    counts = {
        "received batches could not take effect": await store.system.count_set_aside(),
        "log files could not be read": await store.trails.count_aside_files(),
    }
    if given_up := ", ".join(f"{count} {what}" for what, count in counts.items() if count):
        raise Sick(f"{given_up}. `dd0c queue aside` says why, `retry` tries again.")
    if shut := await _find_shut(settings, store):
        raise Sick(
            f"{len(shut)} secrets in the database do not open: {shut[0]} Put the key that sealed them back into "
            "DD0C_ENCRYPTION_KEYS; where it is lost, install the app, connect the ticket system or add the access "
            "key again."
        )


async def _find_shut(settings: CoreSettings, store: Store) -> list[str]:
    """Why each secret that does not open does not."""
    installed = await store.system.find_all_installations()
    trackers = await store.system.find_all_trackers()
    given = await store.system.find_all_access_keys()
    keys = build_access_keys(settings, store)
    if keys is None:
        return ["DD0C_ENCRYPTION_KEYS is not set."] * (len(installed) + len(trackers) + len(given))
    cipher = build_cipher(settings)
    tokens, tickets = store.installations(cipher), store.trackers(cipher)
    tried = [
        *(_fault(tokens.unseal, tenant_id, row) for tenant_id, row in installed),
        *(_fault(tickets.unseal, tenant_id, row) for tenant_id, row in trackers),
        *(_fault(keys.unseal, tenant_id, row) for tenant_id, row in given),
    ]
    return list(filter(None, tried))


def _fault(unseal: Callable[[str, Row], object], tenant_id: str, row: Row) -> str:
    try:
        unseal(tenant_id, row)
    except UpstreamError as error:
        return str(error)
    return ""

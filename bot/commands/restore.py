"""``dd0c restore``"""

import asyncio
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.operator_store import operator_store
from bot.settings import CoreSettings, load_core_settings
from store.backup_frames import read_frames


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(path: Path) -> None:
    """Read a file of `dd0c backup` into an empty database. No bot may run on that database meanwhile.

    The whole file is checked before anything is written. The bot then needs the keys that it had. What happened since
    the backup is read from CloudTrail again, as far as that reaches back; answers to cards since then are lost.
    """
    counted = asyncio.run(_read(path, load_core_settings()))
    click.echo(f"restored {counted:,} documents from {path}")


async def _read(path: Path, settings: CoreSettings) -> int:
    with _frames(path) as frames:
        expected = sum(1 for _ in frames)
    async with operator_store(settings) as store:
        backup = store.backup()
        await backup.require_empty()
        with _frames(path) as frames:
            counts = await backup.insert(frames)
    if (written := sum(counts.values())) != expected:
        raise click.ClickException(f"{path} changed while it was read. Drop the database and restore again.")
    return written


@contextmanager
def _frames(path: Path) -> Iterator[Iterator[Any]]:
    try:
        with gzip.open(path, "rb") as file:
            yield read_frames(file)
    except (OSError, EOFError, zlib.error) as error:
        raise click.ClickException(f"{path} cannot be read as a backup ({type(error).__name__}).") from error

"""``dd0c backup``"""

import asyncio
import gzip
import os
from contextlib import suppress
from pathlib import Path

import click

from bot.operator_store import operator_store
from bot.settings import CoreSettings, load_core_settings

_ONLY_ITS_OWNER = 0o600
_FASTEST_THAT_PACKS = 3


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def backup(path: Path) -> None:
    """Write all that the database holds, as of one moment, to a new file. The bot may go on working.

    The file holds customers' data, and tokens only as they are sealed: keep it as safe as the database, and
    DD0C_ENCRYPTION_KEYS and DD0C_AUDIT_KEYS elsewhere. `dd0c restore` reads it.
    """
    if path.exists():
        raise click.ClickException(f"{path} is there already. Name a new file.")
    asyncio.run(_write(path, load_core_settings()))
    click.echo(f"wrote {path} ({path.stat().st_size:,} bytes)")


async def _write(path: Path, settings: CoreSettings) -> None:
    """Write under another name first, so that no half of a backup looks like one."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with (
            os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _ONLY_ITS_OWNER), "wb") as raw,
            gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_FASTEST_THAT_PACKS, filename="") as packed,
        ):
            async with operator_store(settings) as store:
                async for piece in store.backup().frames():
                    packed.write(piece)
        partial.rename(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)

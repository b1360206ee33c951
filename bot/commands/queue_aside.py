"""``dd0c queue aside`` and ``dd0c queue retry``"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.identity import utc_now
from bot.operator_store import operator_store
from bot.settings import load_core_settings
from engine.models.inbox import AsideBatch
from engine.models.trail import TrailFile
from services.trail_files import REMEMBER
from store.connect import Store

T = TypeVar("T")


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Show at most so many.")
def aside(limit: int) -> None:
    """List received records that could not take effect and log files that could not be read, with the reason.
    Nothing is taken away.

    Needs the database of the bot: MONGODB_URI, or DD0C_LOCAL_MONGOD=1 on its machine, whether the bot runs or not.
    """

    async def ask(store: Store) -> tuple[list[str], list[str]]:
        batches, files = await store.system.find_set_aside(limit), await store.trails.find_aside_files(limit)
        return (
            _counted([_line(one) for one in batches], await store.system.count_set_aside(), "batches"),
            _counted([_file_line(one) for one in files], await store.trails.count_aside_files(), "log files"),
        )

    batches, files = _with_store(ask)
    click.echo("\n".join([*batches, *files]))


@click.command()
@click.argument("ids", nargs=-1)
def retry(ids: tuple[str, ...]) -> None:
    """Give what was set aside another try: the batches and log files named, or all. The bot takes them up within two
    minutes.

    Cure first what was wrong with them, such as by a newer version, or by a whole copy of a file under the same name;
    one that fails again is set aside again. It needs the same database as `dd0c queue aside`.
    """

    async def ask(store: Store) -> tuple[int, int]:
        now = utc_now()
        return await store.system.retry_set_aside(ids), await store.trails.retry_aside_files(ids, now, now + REMEMBER)

    batches, files = _with_store(ask)
    click.echo(f"{batches} batches and {files} log files wait for the bot again")


def _with_store(ask: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        async with operator_store(load_core_settings()) as store:
            return await ask(store)

    return asyncio.run(run())


def _counted(lines: list[str], total: int, what: str) -> list[str]:
    return [*lines, f"{len(lines)} of {max(total, len(lines))} {what} that were set aside"]


def _file_line(file: TrailFile) -> str:
    """Describe a log file in one line.

    >>> from datetime import UTC, datetime
    >>> from engine.models.trail import FileState
    >>> at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    >>> _file_line(TrailFile(file_id="f-1", state=FileState.SET_ASIDE, first_seen_at=at, trail="s3://logs", key="a.gz",
    ...                      account_id="111122223333", error="is gzip that was cut off"))
    'f-1  2026-03-01 09:30  account 111122223333  a.gz of s3://logs  is gzip that was cut off'
    """
    where = f"{file.first_seen_at:%Y-%m-%d %H:%M}  account {file.account_id or 'unknown'}"
    return f"{file.file_id}  {where}  {file.key or 'a file'} of {file.trail or 'a trail'}  {file.error}"


def _line(batch: AsideBatch) -> str:
    """Describe a batch in one line.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    >>> _line(AsideBatch("b-1", "t-1", "111122223333", "push", at, 5, "MalformedRecord: batch b-1 is damaged"))
    'b-1  2026-03-01 09:30  account 111122223333  5 records from push  MalformedRecord: batch b-1 is damaged'
    """
    where = f"{batch.received_at:%Y-%m-%d %H:%M}  account {batch.account_id}"
    return f"{batch.batch_id}  {where}  {batch.count} records from {batch.source}  {batch.set_aside}"

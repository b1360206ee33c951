"""``dd0c queue aside`` and ``dd0c queue retry``"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.operator_store import operator_store
from bot.settings import load_core_settings
from engine.models.inbox import AsideBatch
from store.connect import Store

T = TypeVar("T")


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Show at most so many.")
def aside(limit: int) -> None:
    """List received records that could not take effect, with the reason. Nothing is taken away.

    Needs the database of the bot: MONGODB_URI, or DD0C_LOCAL_MONGOD=1 on its machine, whether the bot runs or not.
    """

    async def ask(store: Store) -> tuple[list[AsideBatch], int]:
        return await store.system.find_set_aside(limit), await store.system.count_set_aside()

    batches, total = _with_store(ask)
    for batch in batches:
        click.echo(_line(batch))
    click.echo(f"{len(batches)} of {max(total, len(batches))} batches that were set aside")


@click.command()
@click.argument("batch_ids", nargs=-1)
def retry(batch_ids: tuple[str, ...]) -> None:
    """Let batches that were set aside take effect again: those named, or all. The bot takes them up within a minute.

    Cure first what was wrong with them, such as by a newer version; one that fails again is set aside again. It needs
    the same database as `dd0c queue aside`.
    """
    waiting = _with_store(lambda store: store.system.retry_set_aside(batch_ids))
    click.echo(f"{waiting} batches wait for the bot again")


def _with_store(ask: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        async with operator_store(load_core_settings()) as store:
            return await ask(store)

    return asyncio.run(run())


def _line(batch: AsideBatch) -> str:
    """Describe a batch in one line.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    >>> _line(AsideBatch("b-1", "t-1", "111122223333", "push", at, 5, "MalformedRecord: batch b-1 is damaged"))
    'b-1  2026-03-01 09:30  account 111122223333  5 records from push  MalformedRecord: batch b-1 is damaged'
    """
    where = f"{batch.received_at:%Y-%m-%d %H:%M}  account {batch.account_id}"
    return f"{batch.batch_id}  {where}  {batch.count} records from {batch.source}  {batch.set_aside}"

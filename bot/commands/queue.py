"""``dd0c queue``"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import click

from bot.commands.queue_aside import aside, retry
from bot.files import build_event_queue
from bot.identity import utc_now
from bot.settings import load_core_settings
from bot.work_queue import build_operator
from clients.aws.sqs_operator import SqsOperator
from engine.errors import InvalidSetting
from engine.models.work_queue import DeadLetter

T = TypeVar("T")
_OLDEST_AMONG = 10
_HOUR = 3600
_DAY = 24 * _HOUR


@click.group()
def queue() -> None:
    """Look at what waits and what was given up, and give that another try.

    `aside` and `retry` are about received records and need the bot's database. The others are about the work queue
    between several processes; they need DD0C_WORK_QUEUE_URL, and credentials that may receive, send and delete messages
    of it and of its dead-letter queue.
    """


queue.add_command(aside)
queue.add_command(retry)


@queue.command()
def status() -> None:
    """Show how much waits, is in work, and was given up. SQS counts approximately, up to a minute late."""

    async def ask(operator: SqsOperator) -> tuple[list[str], str]:
        depth = await operator.fetch_depth()
        lines = [f"waiting       {depth.waiting}", f"in work       {depth.in_work}", f"delayed       {depth.delayed}"]
        oldest = await operator.list_dead(_OLDEST_AMONG) if depth.dead else []
        since = f" (the oldest seen is {_age(oldest[0].sent_at, utc_now())} old)" if oldest else ""
        return [*lines, f"dead letters  {depth.dead}{since}"], await operator.check()

    lines, fault = _with_operator(ask)
    click.echo("\n".join(lines))
    if fault:
        click.echo(fault, err=True)


@queue.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Show at most so many.")
def dead(limit: int) -> None:
    """List what was given up: age, account, kind of work. Nothing is taken away.

    Bodies that cannot be read are not shown, because nobody knows what is in them.
    """

    async def ask(operator: SqsOperator) -> tuple[list[DeadLetter], int]:
        return await operator.list_dead(limit), await operator.count_dead()

    letters, count = _with_operator(ask)
    for letter in letters:
        click.echo(_line(letter))
    click.echo(f"{len(letters)} of {max(count, len(letters))} dead letters shown")


@queue.command()
@click.option("--events", is_flag=True, help="Those of EventBridge's queue (DD0C_EVENT_QUEUE_URL), not of work.")
def redrive(*, events: bool) -> None:
    """Give every dead letter another three tries.

    Cure first what made them fail. What cannot be read goes back too: a newer version may be able to.
    """
    if events:
        click.echo(f"{asyncio.run(_redrive_events())} messages from EventBridge queued again")
        return
    redriven = _with_operator(lambda operator: operator.redrive())
    unreadable = f", {redriven.unreadable} of them unreadable by this version" if redriven.unreadable else ""
    click.echo(f"{redriven.moved} dead letters queued again{unreadable}")


async def _redrive_events() -> int:
    queue = build_event_queue(load_core_settings())
    if queue is None:
        raise InvalidSetting("DD0C_EVENT_QUEUE_URL is not set: there is no queue of events.")
    return await queue.redrive()


def _with_operator(ask: Callable[[SqsOperator], Awaitable[T]]) -> T:
    settings = load_core_settings()

    async def run() -> T:
        operator = build_operator(settings)
        try:
            return await ask(operator)
        finally:
            await operator.close()

    return asyncio.run(run())


def _line(letter: DeadLetter) -> str:
    age = _age(letter.sent_at, utc_now())
    if letter.item is None:
        return f"{age:>4}  group {letter.group_id}  {letter.fault}  (message {letter.message_id})"
    item = letter.item
    subject = f" {item.subject}" if item.subject else ""
    return f"{age:>4}  account {item.account_id}  {item.kind}{subject}  tenant {item.tenant_id}"


def _age(since: datetime, now: datetime) -> str:
    seconds = max(0, round((now - since).total_seconds()))
    if seconds >= 2 * _DAY:
        return f"{seconds // _DAY}d"
    return f"{seconds // _HOUR}h" if seconds >= 2 * _HOUR else f"{seconds // 60}m"

"""``dd0c worker``"""

import asyncio

import click

from bot.collector import spare_the_collector
from bot.log import set_up_logging
from bot.proxies import steer_proxies
from bot.redaction import secrets_in
from bot.settings import WorkerSettings, load_worker_settings
from bot.until_stopped import until_stopped


@click.command()
def worker() -> None:
    """Work off the SQS queue that DD0C_WORK_QUEUE_URL names. Any number may run; each ends with 0 after SIGTERM."""
    settings = load_worker_settings()
    set_up_logging(settings.log_level, settings.log_format, secrets_in(settings))
    steer_proxies()
    asyncio.run(_until_stopped(settings))


async def _until_stopped(settings: WorkerSettings) -> None:
    await until_stopped(_work(settings))


async def _work(settings: WorkerSettings) -> None:
    from bot.worker import Worker  # noqa: PLC0415 - a second's worth, which who has a wrong setting need not wait for

    async with Worker(settings) as running:
        spare_the_collector()
        where = f"; its health is at {running.url}" if running.url else ""
        click.echo(f"dd0c/cost is working off {settings.work_queue_url}{where}")
        await asyncio.Event().wait()

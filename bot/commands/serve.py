"""``dd0c serve``"""

import asyncio

import click

from bot.collector import spare_the_collector
from bot.log import set_up_logging
from bot.proxies import steer_proxies
from bot.redaction import secrets_in
from bot.settings import Settings, load_settings
from bot.until_stopped import until_stopped


@click.command()
def serve() -> None:
    """Run the bot: HTTP, scheduler and workers in one process. It ends with 0 after SIGTERM or Ctrl-C."""
    settings = load_settings()
    set_up_logging(settings.log_level, settings.log_format, secrets_in(settings))
    steer_proxies(settings.slack_api_url)
    asyncio.run(_until_stopped(settings))


async def _until_stopped(settings: Settings) -> None:
    await until_stopped(_serve(settings))


async def _serve(settings: Settings) -> None:
    from bot.process import Bot  # noqa: PLC0415 - a second's worth, which who has a wrong setting need not wait for

    async with Bot(settings) as bot:
        spare_the_collector()
        click.echo(f"dd0c/cost is listening at {bot.url}")
        await asyncio.Event().wait()

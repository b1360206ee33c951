"""``dd0c serve``"""

import asyncio
import signal

import click

from bot.log import set_up_logging
from bot.process import Bot
from bot.settings import Settings, load_settings


@click.command()
def serve() -> None:
    """Run the bot: HTTP, scheduler and workers in one process."""
    settings = load_settings()
    set_up_logging(settings.log_level)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    """Serve until somebody asks to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Bot(settings) as bot:
        click.echo(f"dd0c/cost is listening at {bot.url}")
        await stop.wait()

"""``dd0c demo``"""

import asyncio
import contextlib
import signal

import click

from bot.log import set_up_logging
from demo.stage import Stage
from demo.story import Story, StoryError, play

DEFAULT_PORT = 8765
_PAUSE_SECONDS = 12.0


@click.command()
@click.option(
    "--headless", is_flag=True, help="Play the whole story with scripted clicks; exit 0 only if all happened."
)
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Where the Slack page is; 0 takes a free port.")
@click.option("--verbose", is_flag=True, help="Show the bot's log.")
def demo(headless: bool, port: int, verbose: bool) -> None:
    """Try everything on this machine: real MongoDB, simulated AWS, a Slack page to click on."""
    set_up_logging("INFO" if verbose else "ERROR")
    try:
        asyncio.run(_headless() if headless else _with_page(port))
    except StoryError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("\nThe demo is over; nothing of it is left on this machine.")


async def _headless() -> None:
    click.echo("Starting MongoDB, a simulated Slack, a simulated AWS and the bot ...")
    async with Stage() as stage:
        tally = await play(stage, click.echo)
    click.echo(f"All of it happened: {tally.cards} cards, {tally.clicks} clicks, {tally.verdicts} verdicts.")


async def _with_page(port: int) -> None:
    """Play the part of AWS; the clicks are the visitor's."""
    click.echo("Starting MongoDB, a simulated Slack, a simulated AWS and the bot ...")
    async with Stage(slack_port=port) as stage:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        click.echo(f"\n  Open {stage.slack.url} and watch #{stage.channel.name}.\n")
        events = asyncio.create_task(_unfold(stage))
        await stop.wait()
        events.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await events
    click.echo("\nThe demo is over; nothing of it is left on this machine.")


async def _unfold(stage: Stage) -> None:
    """What happens by itself within the first minutes."""
    story = Story(stage, click.echo)
    await story.connect()
    await story.deploy()
    stolen, launches = await story.leaked_key()
    await asyncio.sleep(_PAUSE_SECONDS)
    slip, _ = await story.typo()
    click.echo(_WHAT_TO_TRY)
    await stage.until(lambda: any("marked this expected" in str(card.blocks) for card in [slip]), _VISITOR_SECONDS)
    await story.same_again()
    await story.stop(stolen, launches)
    click.echo("That was the story. The page stays open until you press Ctrl-C.")


_VISITOR_SECONDS = 3600.0
_WHAT_TO_TRY = """
  Try in the page:
    - Mark expected on the card about 100 x m5.large: the same launch comes again and stays silent.
    - Snooze or Acknowledge the other card, then Undo.
    - Type /dd0c status, /dd0c anomalies, /dd0c digest, /dd0c help.
  Press Ctrl-C to end the demo.
"""

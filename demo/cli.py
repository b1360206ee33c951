"""``dd0c demo``"""

import asyncio
import os
import socket
from pathlib import Path

import click

from bot.log import set_up_logging
from bot.settings import load_demo_settings
from bot.until_stopped import until_stopped
from clients.telemetry.connect import RememberedSpans
from demo.slack_workspace.models import Message
from demo.stage import Stage, text_of
from demo.story import Story, StoryError, is_expected, play
from demo.ticketing import TicketsError, connect_tracker
from demo.trace_tree import draw, is_whole, trace_of_a_card

DEFAULT_PORT = 8765
_PAUSE_SECONDS = 12.0
_VISITOR_SECONDS = 3600.0
_TRACE_SECONDS = 20.0
_LOOK_SECONDS = 0.1
_KEY_BYTES = 32
_STARTING = "Starting MongoDB, a simulated Slack, a simulated AWS and the bot ..."
_OVER = "\nThe demo is over; nothing of it is left on this machine."
_WHAT_TO_TRY = """
  Try in the page:
    - Mark expected on the card about 100 x m5.large: the same launch comes again and stays silent.
    - Snooze or Acknowledge the other card, then Undo.
    - Create ticket in a card's menu (three dots): it is made in a simulated tracker, under Tickets at the left.
    - Type /dd0c status, /dd0c anomalies, /dd0c digest, /dd0c help.
  Press Ctrl-C to end the demo.
"""
_EXPECTED = "marked this expected"
_MEANINGS = {
    "called this not expected": "You called it not expected: nothing of it is learned, the same again alerts again.",
    "snoozed this": "You snoozed it: until then nothing more is said of such launches, and nothing of it is learned.",
    "acknowledged this": "You acknowledged it: the card says who is on it, and nothing of it is learned.",
}


@click.command()
@click.option(
    "--headless", is_flag=True, help="Play the whole story with scripted clicks; exit 0 only if all happened."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"Where the Slack page is; 0 takes a free one.  [default: {DEFAULT_PORT}, or a free one when that is taken]",
)
@click.option("--verbose", is_flag=True, help="Show the bot's log.")
@click.option(
    "--trace", is_flag=True, help="Let one card be posted, and print its trace from CloudTrail record to Slack."
)
def demo(headless: bool, port: int | None, verbose: bool, trace: bool) -> None:
    """Try everything on this machine: real MongoDB, simulated AWS, a Slack page to click on."""
    set_up_logging("INFO" if verbose else "ERROR")
    work = _traced() if trace else _headless() if headless else _with_page(_choose_port(port))
    try:
        stopped = asyncio.run(until_stopped(work))
    except (StoryError, TicketsError) as error:
        raise click.ClickException(str(error)) from error
    if stopped:
        click.echo(_OVER)


def _choose_port(wish: int | None) -> int:
    """Give the port to use: a wish is fulfilled or refused, the default one gives way."""
    if wish is None:
        return DEFAULT_PORT if _is_free(DEFAULT_PORT) else 0
    if not _is_free(wish):
        raise click.ClickException(f"Port {wish} is taken. Choose another, or --port 0 for any free one.")
    return wish


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _data_dir() -> Path | None:
    chosen = load_demo_settings().data_dir
    return chosen.expanduser() if chosen else None


async def _headless() -> None:
    click.echo(_STARTING)
    async with Stage(data_dir=_data_dir()) as stage:
        tally = await play(stage, click.echo)
    click.echo(f"All of it happened: {tally.cards} cards, {tally.clicks} clicks, {tally.verdicts} verdicts.")


async def _traced() -> None:
    click.echo(_STARTING)
    spans = RememberedSpans(os.urandom(_KEY_BYTES))
    async with Stage(data_dir=_data_dir(), tracer=spans.tracer) as stage:
        story = Story(stage, click.echo)
        await story.connect()
        await story.leaked_key()
        lines = await _drawn_card(spans)
    click.echo("\n".join(["", *lines]))


async def _drawn_card(spans: RememberedSpans) -> list[str]:
    """A span ends a moment after the card can be seen. Raises StoryError when there is no trace all the same."""
    try:
        async with asyncio.timeout(_TRACE_SECONDS):
            while not is_whole(found := trace_of_a_card(spans.finished())):  # noqa: ASYNC110 - spans send no word
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        raise StoryError("no trace leads from a scored cost event to a posted card") from None
    return list(draw(found))


async def _with_page(port: int) -> None:
    """Play the part of AWS; the clicks are the visitor's."""
    click.echo(_STARTING)
    async with Stage(slack_port=port, data_dir=_data_dir()) as stage:
        await connect_tracker(stage)
        stage.slack.link_to("All tickets", stage.tracker.page)
        click.echo(f"\n  Open {stage.slack.url} and watch #{stage.channel.name}.")
        click.echo(f"  The bot's own pages are at {stage.url}; sign in there as anybody of the workspace.\n")
        await unfold(stage)
        click.echo("That was the story. The page stays open until you press Ctrl-C.")
        await asyncio.Event().wait()


async def unfold(stage: Stage) -> None:
    """What happens by itself within the first minutes."""
    story = Story(stage, click.echo)
    await story.connect()
    await story.deploy()
    stolen, launches = await story.leaked_key()
    await asyncio.sleep(_PAUSE_SECONDS)
    slip, _ = await story.typo()
    click.echo(_WHAT_TO_TRY)
    await stage.until(lambda: bool(_answer(slip)), _VISITOR_SECONDS)
    if is_expected(slip):
        await story.same_again(slip)
        await story.stop(stolen, launches)
        return
    click.echo(_MEANINGS.get(_answer(slip), "Nobody has answered that card."))
    await story.stop(stolen, launches)
    click.echo(
        "Mark expected on the card about 100 x m5.large (after Undo, where that is offered) still teaches the bot."
    )
    if await stage.until(lambda: is_expected(slip), _VISITOR_SECONDS):
        await story.same_again(slip)


def _answer(card: Message) -> str:
    """What somebody said to a card, in the words it says so; empty while nobody has."""
    text = text_of(card)
    return next((words for words in (_EXPECTED, *_MEANINGS) if words in text), "")

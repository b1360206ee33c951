"""Commands that pause all alerts and let them go on."""

from blocks.card import Card
from blocks.pause import paused, resumed
from engine.command_line.options import Line
from engine.errors import InvalidCommand
from engine.roles import Deed
from handlers.slack.commands.command import Command, always
from handlers.slack.context import Caller, SlackServices


async def _pause(services: SlackServices, caller: Caller, line: Line) -> Card:
    _refuse_words("pause", line)
    return paused(await services.pausing.pause(caller.tenant_id, caller.user_id))


async def _resume(services: SlackServices, caller: Caller, line: Line) -> Card:
    _refuse_words("resume", line)
    return resumed(await services.pausing.resume(caller.tenant_id, caller.user_id))


def _refuse_words(name: str, line: Line) -> None:
    """Nobody may believe that a pause ends by itself."""
    if line.words:
        raise InvalidCommand(
            f"`/dd0c {name}` takes no other words. A pause lasts until somebody types `/dd0c resume`; "
            "to silence one card for a time, snooze it."
        )


PAUSE = Command(_pause, deed=always(Deed.PAUSE))
RESUME = Command(_resume, deed=always(Deed.RESUME))

"""Commands that pause all alerts and let them go on."""

from blocks.card import Card
from blocks.pause import paused, resumed
from engine.command_line.options import Line
from handlers.slack.commands.command import Command
from handlers.slack.context import Caller, SlackServices


async def _pause(services: SlackServices, caller: Caller, _line: Line) -> Card:
    return paused(await services.pausing.pause(caller.tenant_id, caller.user_id))


async def _resume(services: SlackServices, caller: Caller, _line: Line) -> Card:
    return resumed(await services.pausing.resume(caller.tenant_id, caller.user_id))


PAUSE = Command(_pause)
RESUME = Command(_resume)

"""From a typed line, or a button that stands for one, to its answer."""

import msgspec

from blocks.card import Card
from blocks.help import unknown_command
from engine.command_line.options import read_line
from engine.command_line.words import shown, split_words
from engine.errors import InvalidCommand
from engine.roles import Deed
from handlers.slack.commands.table import COMMANDS
from handlers.slack.context import Caller, SlackServices

_SHARE = "share"


class Answered(msgspec.Struct, frozen=True):
    """What a command answers. ``shared`` says that all of the channel is to see it, and not only who asked."""

    card: Card
    shared: bool = False


async def run_command(services: SlackServices, caller: Caller, text: str) -> Answered:
    """Carry out the line behind ``/dd0c``; an empty one asks for help.

    Raises InvalidCommand, NotAllowed, NotFound and Conflict with what to say, UpstreamError when something behind us is
    away.
    """
    name, *words = split_words(text) or ("help",)
    command = COMMANDS.get(name.lower())
    if command is None:
        return Answered(unknown_command(name))
    line = read_line(words, {**command.options, _SHARE: False})
    if line.words and not command.takes_words:
        raise InvalidCommand(f"{shown(line.words[0])} is not understood here. `/dd0c {name.lower()}` takes no words.")
    deed = command.deed(line)
    await services.roles.require(caller.tenant_id, caller.user_id, deed)
    if deed is Deed.LOOK:
        card = await services.looks.ask((caller, text), lambda: command.answer(services, caller, line))
    else:
        card = await command.answer(services, caller, line)
        await services.homes.hasten(caller.tenant_id)
    return Answered(card, _SHARE in line.options)

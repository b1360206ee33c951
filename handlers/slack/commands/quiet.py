"""Commands about what stays silent: expect, snoozes."""

from blocks.card import Card
from blocks.quiet import declared, quiet_list
from engine.command_line.nearest import did_you_mean
from engine.command_line.options import Line
from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.roles import Deed
from handlers.slack.commands.command import Command, always
from handlers.slack.context import Caller, SlackServices

_END = "end"


async def _expect(services: SlackServices, caller: Caller, line: Line) -> Card:
    account = line.options.get("account")
    return declared(await services.quieting.expect(caller.tenant_id, caller.user_id, line.words, account))


async def _snoozes(services: SlackServices, caller: Caller, line: Line) -> Card:
    word, *rest = line.words or ("list",)
    if word.lower() == "list":
        return quiet_list(await services.quieting.list_patterns(caller.tenant_id))
    if word.lower() != _END:
        raise InvalidCommand(
            f"{shown(word)} is not understood here.{did_you_mean(word, ['list', _END])} "
            "Say `/dd0c snoozes`, or `/dd0c snoozes end ID`."
        )
    return quiet_list(await services.quieting.end(caller.tenant_id, caller.user_id, "".join(rest[:1])))


def _snoozes_deed(line: Line) -> Deed:
    return Deed.END_QUIET if line.words and line.words[0].lower() == _END else Deed.LOOK


EXPECT = Command(_expect, {"account": True}, always(Deed.DECLARE))
SNOOZES = Command(_snoozes, deed=_snoozes_deed)

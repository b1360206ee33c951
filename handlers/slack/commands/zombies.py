"""``/dd0c zombies``: what is idle, and what people say of it."""

from collections.abc import Mapping, Sequence

from blocks.card import Card
from blocks.zombies import said, zombie_list
from engine.command_line.nearest import did_you_mean
from engine.command_line.options import Line
from engine.command_line.values import parse_page, parse_span
from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.roles import Deed
from engine.zombies.models import VerdictKind
from handlers.slack.commands.command import Command
from handlers.slack.context import Caller, SlackServices

_HOW = " `/dd0c help zombies` says how it is written."
_KINDS: Mapping[str, VerdictKind] = {
    "keep": VerdictKind.KEEP,
    "planned": VerdictKind.DELETE_PLANNED,
    "not-idle": VerdictKind.NOT_IDLE,
}


async def _zombies(services: SlackServices, caller: Caller, line: Line) -> Card:
    if line.words:
        return await _judge(services, caller, line.words)
    page = parse_page(line.options["page"]) if "page" in line.options else 1
    return zombie_list(await services.zombies.list_zombies(caller.tenant_id, line.options.get("account", ""), page))


async def _judge(services: SlackServices, caller: Caller, words: Sequence[str]) -> Card:
    kind = _KINDS.get(words[0].lower())
    if kind is None:
        raise InvalidCommand(f"{shown(words[0])} is not understood here.{did_you_mean(words[0], list(_KINDS)) or _HOW}")
    if len(words) == 1:
        raise InvalidCommand(f"Say of which one: its id stands behind the buttons of `/dd0c zombies`.{_HOW}")
    until, reason = None, " ".join(words[2:])
    if kind is VerdictKind.KEEP:
        until = services.clock() + parse_span(words[2] if len(words) > 2 else "30d")  # noqa: PLR2004 - keep ID SPAN
        reason = " ".join(words[3:])
    found = await services.zombies.judge(caller.tenant_id, words[1], kind, caller.user_id, until=until, reason=reason)
    return said(found)


def _deed(line: Line) -> Deed:
    return Deed.ANSWER if line.words else Deed.LOOK


ZOMBIES = Command(_zombies, {"account": True, "page": True}, deed=_deed)

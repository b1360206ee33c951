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
_UNDO = "undo"
_KINDS: Mapping[str, VerdictKind] = {
    "keep": VerdictKind.KEEP,
    "planned": VerdictKind.DELETE_PLANNED,
    "not-idle": VerdictKind.NOT_IDLE,
}


async def _zombies(services: SlackServices, caller: Caller, line: Line) -> Card:
    if line.words:
        return await _judge(services, caller, line.words)
    page = parse_page(line.options["page"]) if "page" in line.options else 1
    account, hidden = line.options.get("account", ""), "hidden" in line.options
    # Whoever turns pages has asked already.
    asked_by = caller.user_id if page == 1 and not hidden else ""
    found = await services.zombies.list_zombies(caller.tenant_id, account, page, hidden=hidden, asked_by=asked_by)
    return zombie_list(found)


async def _judge(services: SlackServices, caller: Caller, words: Sequence[str]) -> Card:
    word = words[0].lower()
    kind = _KINDS.get(word)
    if kind is None and word != _UNDO:
        raise InvalidCommand(
            f"{shown(words[0])} is not understood here.{did_you_mean(words[0], [*_KINDS, _UNDO]) or _HOW}"
        )
    if len(words) == 1:
        raise InvalidCommand(f"Say of which one: its id stands behind the buttons of `/dd0c zombies`.{_HOW}")
    if kind is None:
        return said(await services.zombies.undo(caller.tenant_id, words[1], caller.user_id))
    until, reason = None, " ".join(words[2:])
    if kind is VerdictKind.KEEP:
        until = services.clock() + parse_span(words[2] if len(words) > 2 else "30d")  # noqa: PLR2004 - keep ID SPAN
        reason = " ".join(words[3:])
    found = await services.zombies.judge(caller.tenant_id, words[1], kind, caller.user_id, until=until, reason=reason)
    return said(found)


def _deed(line: Line) -> Deed:
    return Deed.ANSWER if line.words else Deed.LOOK


ZOMBIES = Command(_zombies, {"account": True, "page": True, "hidden": False}, deed=_deed)

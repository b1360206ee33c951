"""``/dd0c spend``: what is spent, and budgets."""

from collections.abc import Mapping

import msgspec

from blocks.card import Card
from blocks.spend import spend
from blocks.spend_budgets import spend_budgets
from engine.command_line.nearest import did_you_mean
from engine.command_line.options import Line
from engine.command_line.values import parse_page, parse_span
from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.spend_report import SpendBy, SpendQuery
from engine.roles import Deed
from handlers.slack.commands.command import Command
from handlers.slack.context import Caller, SlackServices

_OPTIONS = {"by": True, "since": True, "page": True}
_BUDGET = "budget"


async def _spend(services: SlackServices, caller: Caller, line: Line) -> Card:
    if line.options.get("by", "").lower() == SpendBy.TAG.value:
        return await _by_tag(services, caller, line)
    if not line.words:
        return spend(await services.spend.report(caller.tenant_id, _query(line.options)))
    if line.words[0].lower() != _BUDGET or line.options:
        word = shown(line.words[0])
        raise InvalidCommand(f"{word} is not understood here. `/dd0c help spend` says how it is written.")
    if _sets_budget(line):
        return spend_budgets(await services.spend_budgets.change(caller.tenant_id, caller.user_id, line.words[1:]))
    return spend_budgets(await services.spend_budgets.rows(caller.tenant_id))


async def _by_tag(services: SlackServices, caller: Caller, line: Line) -> Card:
    """The key is all that stands beside the options, with its spaces."""
    key = " ".join(line.words)
    if not key:
        raise InvalidCommand("Say by which tag, like `/dd0c spend --by tag team`.")
    await services.spend_tags.read(caller.tenant_id, key)
    query = msgspec.structs.replace(_query(line.options), tag=key)
    return spend(await services.spend.report(caller.tenant_id, query))


def _query(options: Mapping[str, str]) -> SpendQuery:
    usual = SpendQuery()
    return SpendQuery(
        by=_by(options["by"]) if "by" in options else usual.by,
        span=parse_span(options["since"]) if "since" in options else usual.span,
        page=parse_page(options["page"]) if "page" in options else usual.page,
    )


def _by(word: str) -> SpendBy:
    try:
        return SpendBy(word.lower())
    except ValueError:
        hint = did_you_mean(word, [one.value for one in SpendBy])
        there = "there is `service`, `account`, `actor` and `tag KEY`"
        raise InvalidCommand(f"Spend is not told by {shown(word)}: {there}.{hint}") from None


def _sets_budget(line: Line) -> bool:
    return "by" not in line.options and len(line.words) > 1 and line.words[0].lower() == _BUDGET


def _deed(line: Line) -> Deed:
    return Deed.CHANGE_SETTINGS if _sets_budget(line) else Deed.LOOK


SPEND = Command(_spend, _OPTIONS, _deed)

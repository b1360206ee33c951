"""Commands about AWS accounts: status, accounts, settings, connect, disconnect."""

from blocks.accounts import accounts
from blocks.card import Card
from blocks.disconnect import disconnect
from blocks.roles import roles
from blocks.routes import routes
from blocks.settings import settings
from blocks.status import status
from blocks.ticket_settings import tickets
from blocks.zombie_settings import zombie_settings
from engine.command_line.options import Line
from engine.command_line.values import parse_page
from engine.roles import Deed
from handlers.slack.commands.command import Command, always
from handlers.slack.commands.connecting import answer_connect
from handlers.slack.context import Caller, SlackServices


async def _status(services: SlackServices, caller: Caller, _line: Line) -> Card:
    report = await services.reports.status(caller.tenant_id)
    return status(report, await services.spend.grade(caller.tenant_id))


async def _accounts(services: SlackServices, caller: Caller, line: Line) -> Card:
    page = parse_page(line.options.get("page", "1"))
    return accounts(await services.reports.status(caller.tenant_id), page)


_LOOKS = ((), ("route",), ("routes",), ("zombies",))


def _settings_deed(line: Line) -> Deed:
    if _is_of_roles(line):
        return Deed.SET_ROLES if line.words[1:] else Deed.LOOK
    return Deed.LOOK if line.words in _LOOKS and not line.options.keys() - {"share"} else Deed.CHANGE_SETTINGS


def _is_of_tickets(line: Line) -> bool:
    return len(line.words) == 1 and line.words[0].lower() in {"ticket", "tickets"} and not line.options


def _is_of_roles(line: Line) -> bool:
    return bool(line.words) and line.words[0].lower() in {"role", "roles"}


async def _settings(services: SlackServices, caller: Caller, line: Line) -> Card:
    word, *rest = [line.words[0].lower() if line.words else "", *line.words[1:]]
    if _is_of_roles(line):
        return roles(await services.roles.roles(caller.tenant_id, caller.user_id, rest))
    if word in {"route", "routes"}:
        account = line.options.get("account", "")
        report = await services.routing.route(caller.tenant_id, caller.user_id, rest, account)
        await services.resending.hasten(caller.tenant_id)
        return routes(report)
    if word in {"budget", "budgets"}:
        return routes(await services.routing.set_budget(caller.tenant_id, caller.user_id, rest))
    if word in {"zombie", "zombies"}:
        return zombie_settings(await services.zombie_settings.say(caller.tenant_id, caller.user_id, rest))
    if _is_of_tickets(line):
        return tickets(await services.tickets.find_connected(caller.tenant_id))
    return settings(await services.preferences.settings(caller.tenant_id, line.words, line.options, caller.user_id))


async def _disconnect(services: SlackServices, caller: Caller, line: Line) -> Card:
    return disconnect(await services.departures.disconnect(caller.tenant_id, caller.user_id, line.words))


STATUS = Command(_status, takes_words=False)
ACCOUNTS = Command(_accounts, {"page": True}, takes_words=False)
SETTINGS = Command(_settings, {"account": True, "service": True, "type": True}, _settings_deed)
CONNECT = Command(answer_connect, deed=always(Deed.CONNECT))
DISCONNECT = Command(_disconnect, deed=always(Deed.DISCONNECT))

"""Commands about AWS accounts: status, accounts, settings, connect, disconnect."""

from blocks.accounts import accounts
from blocks.card import Card
from blocks.disconnect import disconnect
from blocks.roles import roles
from blocks.settings import settings
from blocks.status import status
from engine.command_line.options import Line
from engine.roles import Deed
from handlers.slack.commands.command import Command, always
from handlers.slack.commands.connecting import answer_connect
from handlers.slack.context import Caller, SlackServices


async def _status(services: SlackServices, caller: Caller, _line: Line) -> Card:
    return status(await services.reports.status(caller.tenant_id))


async def _accounts(services: SlackServices, caller: Caller, _line: Line) -> Card:
    return accounts(await services.reports.status(caller.tenant_id))


def _settings_deed(line: Line) -> Deed:
    if _is_of_roles(line):
        return Deed.SET_ROLES if line.words[1:] else Deed.LOOK
    return Deed.CHANGE_SETTINGS if line.words or line.options else Deed.LOOK


def _is_of_roles(line: Line) -> bool:
    return bool(line.words) and line.words[0].lower() in {"role", "roles"}


async def _settings(services: SlackServices, caller: Caller, line: Line) -> Card:
    if _is_of_roles(line):
        return roles(await services.roles.roles(caller.tenant_id, caller.user_id, line.words[1:]))
    return settings(await services.preferences.settings(caller.tenant_id, line.words, line.options, caller.user_id))


async def _disconnect(services: SlackServices, caller: Caller, line: Line) -> Card:
    return disconnect(await services.departures.disconnect(caller.tenant_id, caller.user_id, line.words))


STATUS = Command(_status)
ACCOUNTS = Command(_accounts)
SETTINGS = Command(_settings, {"account": True, "service": True, "type": True}, _settings_deed)
CONNECT = Command(answer_connect, deed=always(Deed.CONNECT))
DISCONNECT = Command(_disconnect, deed=always(Deed.DISCONNECT))

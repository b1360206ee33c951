"""Every command by its word."""

from collections.abc import Mapping

from blocks.card import Card
from blocks.help import help_card, help_on
from engine.command_line.options import Line
from handlers.slack.commands.accounts import ACCOUNTS, CONNECT, DISCONNECT, SETTINGS, STATUS
from handlers.slack.commands.command import Command
from handlers.slack.commands.findings import ANOMALIES, DIGEST, EXPLAIN
from handlers.slack.commands.pausing import PAUSE, RESUME
from handlers.slack.commands.plan import PLAN
from handlers.slack.commands.quiet import EXPECT, SNOOZES
from handlers.slack.commands.spend import SPEND
from handlers.slack.commands.zombies import ZOMBIES
from handlers.slack.context import Caller, SlackServices


async def _help(_services: SlackServices, _caller: Caller, line: Line) -> Card:
    return help_on(line.words[0]) if line.words else help_card()


COMMANDS: Mapping[str, Command] = {
    "status": STATUS,
    "anomalies": ANOMALIES,
    "explain": EXPLAIN,
    "digest": DIGEST,
    "spend": SPEND,
    "zombies": ZOMBIES,
    "expect": EXPECT,
    "snoozes": SNOOZES,
    "pause": PAUSE,
    "resume": RESUME,
    "settings": SETTINGS,
    "accounts": ACCOUNTS,
    "connect": CONNECT,
    "disconnect": DISCONNECT,
    "plan": PLAN,
    "help": Command(_help),
}
